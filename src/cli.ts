#!/usr/bin/env node
/** The command line. Thin: it reads arguments and the environment, calls, and prints. */
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { ConfigError, flagOf, readConfig, SETTINGS, variableOf, type Config, type SettingName } from './config.ts'
import { startServer, VERSION, type RunningServer } from './server.ts'

const EXIT_FAILURE = 1
const EXIT_USAGE = 2
const HELP = 'csr-emulator --help shows what there is'

const names = Object.keys(SETTINGS) as SettingName[]

function usage (): string {
  const settings = names.map((name) => {
    const { default: value, takes, meaning } = SETTINGS[name]
    return `  --${flagOf(name)} (${variableOf(name)})\n      ${meaning}\n      Takes ${takes}; default: ${value === '' ? 'none' : value}`
  })
  return `Usage: csr-emulator [start] [settings]
       csr-emulator kit <folder>

start  stands in for CLOVA Speech Recognition: POST /recog/v1/stt?lang=Kor
kit    writes sound files for every edge in every format, and which answer each must get (about 85 MB)

Settings, as a flag or as a variable of the environment; a flag wins:
${settings.join('\n')}
  --help       prints this
  --version    prints the version`
}

function fail (lines: string[], exitCode: number): never {
  for (const line of lines) process.stderr.write(`csr-emulator: ${line}\n`)
  process.exit(exitCode)
}

interface Arguments {
  values: Record<string, string | boolean | undefined>
  positionals: string[]
}

function readArguments (): Arguments {
  const options = Object.fromEntries([
    ...names.map((name) => [flagOf(name), { type: 'string' }] as const),
    ['help', { type: 'boolean' }] as const,
    ['version', { type: 'boolean' }] as const
  ])
  try {
    return parseArgs({ options, allowPositionals: true }) as Arguments
  } catch (error) {
    return fail([(error as Error).message, 'csr-emulator --help lists the settings'], EXIT_USAGE)
  }
}

async function openLog (format: Config['logFormat']) {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY)
  if (!isPretty) return undefined
  const { default: pretty } = await import('pino-pretty')
  return pretty({ sync: true, ignore: 'level', singleLine: true, translateTime: 'SYS:HH:MM:ss.l', include: 'time,msg,err' })
}

async function start (flags: Record<string, string | undefined>): Promise<void> {
  const running: { server?: RunningServer } = {}
  // Before anything else, so that a signal never finds the process without a handler. The limit is the server's own
  // (shutdownTimeoutMs): it cuts calls off and still ends in order.
  closeWithGrace({ delay: false, logger: false }, async ({ err }) => {
    if (err) process.stderr.write(`csr-emulator: ${err.stack ?? String(err)}\n`)
    await running.server?.close()
  })
  const reading = readConfig(process.env, flags)
  running.server = await startServer(reading, await openLog(reading.config.logFormat))
}

async function writeKitTo (folder: string): Promise<void> {
  // Only here: the server has no use for it, and starts faster without.
  const { writeKit } = await import('./kit/kit.ts')
  let fileCount = 0
  const showProgress = () => {
    fileCount += 1
    if (process.stderr.isTTY) process.stderr.write(`\r${fileCount} files`)
  }
  const { files } = await writeKit(folder, { onFile: showProgress })
  if (process.stderr.isTTY) process.stderr.write('\r')
  const megabytes = Math.round(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)
  process.stdout.write(`${fileCount} files (${megabytes} MB) in ${folder}; its manifest.json says which answer each must get\n`)
}

async function run (command: string, parameters: string[], flags: Record<string, string | undefined>): Promise<void> {
  if (command === 'start' && parameters.length === 0) return await start(flags)
  const [folder, ...surplus] = parameters
  if (command !== 'kit') {
    return fail([`there is no command "${[command, ...parameters].join(' ')}"`, HELP], EXIT_USAGE)
  }
  if (folder === undefined || folder === '' || surplus.length > 0 || Object.keys(flags).length > 0) {
    return fail(['kit takes the name of a folder and no settings: csr-emulator kit <folder>'], EXIT_USAGE)
  }
  await writeKitTo(folder)
}

const { values, positionals: [command = 'start', ...parameters] } = readArguments()
if (values['help']) {
  process.stdout.write(`${usage()}\n`)
} else if (values['version']) {
  process.stdout.write(`${VERSION}\n`)
} else {
  try {
    await run(command, parameters, values as Record<string, string | undefined>)
  } catch (error) {
    if (error instanceof ConfigError) fail([...error.problems], EXIT_USAGE)
    const { code, message } = error as NodeJS.ErrnoException
    fail([code === 'EADDRINUSE' ? `${message}: another program listens there; choose one by --port` : message], EXIT_FAILURE)
  }
}
