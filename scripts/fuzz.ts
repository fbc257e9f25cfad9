/**
 * Sends hostile files to a running server and fails when one of them has harmed it: see docs/hostile-input.md.
 *
 *   npm run fuzz -- --format mp3 --count 1000 --seed 1 [--from 0] [--keep folder] [--url http://…]
 *
 * Without `--format` all formats and the bombs are sent, to a server of its own unless `--url` names one.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEncoder } from '../src/kit/encoder.ts'
import {
  bombard, MAX_ANSWER_MS, MAX_DECODING_MS, MAX_GROWTH_BYTES, MAX_MORE_OPEN_FILES, slowestDecodingMs, type Bombardment,
  type Shot
} from '../test/e2e/support/bombardment.ts'
import { BOMBS } from '../test/e2e/support/bombs.ts'
import { hostileFile } from '../test/e2e/support/hostile-files.ts'
import { openFileCount, processTree, residentBytes } from '../test/e2e/support/process-tree.ts'
import { HOSTILE_FORMATS, makeSeeds, type HostileFormat, type Seeds } from '../test/e2e/support/seeds.ts'
import { startServerProcess, type ServerProcess } from '../test/helpers/server-process.ts'

const MIB = 1024 * 1024
const LAST_WORDS_CHARACTERS = 4000
const CODES = ['text', 'STT001', 'STT006', 'STT007', 'STT003']
const COLUMNS = ['files', 'sent', ...CODES, 'slowest answer, ms', 'slowest decoding, ms', 'slowest health, ms', 'MiB above resting', 'seconds', 'slowest']

const { values: options } = parseArgs({
  options: {
    format: { type: 'string', multiple: true, default: [] },
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    keep: { type: 'string' },
    url: { type: 'string' }
  }
})

type Server = { url: string } & Partial<Pick<ServerProcess, 'pid' | 'lines' | 'output' | 'waitForLine' | 'stop'>>

const [count, seed, from] = [options.count, options.seed, options.from].map(Number) as [number, number, number]
const problems: string[] = []

/** While it runs. */
let serverPid: number | undefined
// Whatever ends this process, neither the server nor its folder outlives it.
process.once('exit', () => {
  rmSync(temporary, { recursive: true, force: true })
  if (serverPid !== undefined) process.kill(serverPid, 'SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { process.exit(1) })

const temporary = mkdtempSync(join(tmpdir(), 'csr-emulator-fuzz-'))
const encoder = createEncoder()
const teardowns: Array<() => unknown> = []
try {
  await run()
} finally {
  await encoder.close()
  for (const teardown of teardowns) await teardown()
  serverPid = undefined
}
for (const problem of problems) console.log(problem)
process.exitCode = problems.length === 0 ? 0 : 1

async function run (): Promise<void> {
  const seeds = await makeSeeds(encoder)
  const server: Server = options.url === undefined ? await startOwnServer() : { url: options.url }
  const warmUp = HOSTILE_FORMATS.flatMap((format) =>
    seeds[format].map((bytes, index): Shot => ({ name: `whole ${format} ${index}`, bytes })))
  await bombard(server, warmUp)
  const restingBytes = memoryOf(server)
  const restingFileCount = openFileCount(server.pid ?? 0)
  console.log(`resting: ${mebibytes(restingBytes)} MiB, ${restingFileCount} open files`)
  console.log(`| ${COLUMNS.join(' | ')} |\n| ${COLUMNS.map(() => '---').join(' | ')} |`)
  for (const format of chosenFormats()) {
    const firstLine = server.lines?.length ?? 0
    const result = await bombard(server, format === 'bombs' ? await bombShots() : shotsOf(seeds, format))
    report(format, result, restingBytes, await decodingMsOf(server, firstLine, result))
  }
  const moreFileCount = openFileCount(server.pid ?? 0) - restingFileCount
  if (moreFileCount > MAX_MORE_OPEN_FILES) problems.push(`${moreFileCount} more files are open than at rest`)
  await requireGoodEnd(server)
}

async function requireGoodEnd ({ stop, output, lines = [] }: Server): Promise<void> {
  if (stop === undefined || output === undefined) return
  const { code, signal } = await stop()
  serverPid = undefined
  if (code !== 0) problems.push(`the server ended with ${code ?? signal}: ${output().slice(-LAST_WORDS_CHARACTERS)}`)
  const defects = lines.filter(({ level }) => level >= 50)
  problems.push(...defects.map((line) => `an error line: ${JSON.stringify(line)}`))
  problems.push(...readdirSync(temporary).map((name) => `a temporary file is left: ${name}`))
}

async function startOwnServer (): Promise<ServerProcess> {
  const owner = { teardown: (teardown: unknown) => { teardowns.push(teardown as () => unknown) } }
  const server = await startServerProcess(owner, [], {
    shouldWaitUntilReady: true,
    env: { TMPDIR: temporary, CSR_ACCEPT_M4A_WEBM: 'true' },
    mayComplain: true
  })
  serverPid = server.pid
  return server
}

function chosenFormats (): Array<HostileFormat | 'bombs'> {
  const all = [...HOSTILE_FORMATS, 'bombs'] as const
  if (options.format.length === 0) return [...all]
  return options.format.map((name) => {
    const format = all.find((each) => each === name)
    if (format === undefined) throw new Error(`--format is one of ${all.join(', ')}, not ${name}`)
    return format
  })
}

function * shotsOf (seeds: Seeds, format: HostileFormat): Generator<Shot> {
  for (let index = from; index < from + count; index++) {
    yield { name: `${format} seed ${seed} index ${index}`, bytes: hostileFile(seeds, format, seed, index) }
  }
}

async function bombShots (): Promise<Shot[]> {
  const shots: Shot[] = []
  for (const { name, expected, make } of BOMBS) shots.push({ name, expected, bytes: await make(encoder) })
  return shots
}

function report (name: string, result: Bombardment, restingBytes: number, decodingMs: number): void {
  const growthBytes = Math.max(0, result.peakBytes - restingBytes)
  const columns = [
    name, result.sentCount, ...CODES.map((code) => result.counts[code] ?? 0), Math.round(result.slowest.elapsedMs),
    Math.round(decodingMs), Math.round(result.slowestHealthMs), mebibytes(growthBytes),
    Math.round(result.elapsedMs / 1000), result.slowest.name
  ]
  console.log(`| ${columns.join(' | ')} |`)
  judge(name, result, growthBytes)
  if (decodingMs > MAX_DECODING_MS) problems.push(`${name}: decoding a file took ${Math.round(decodingMs)} ms`)
  keep(result)
}

function judge (name: string, result: Bombardment, growthBytes: number): void {
  for (const { shot, answer, elapsedMs } of result.misses) {
    problems.push(`${shot.name}: ${JSON.stringify(answer)} after ${Math.round(elapsedMs)} ms`)
  }
  const { slowest } = result
  if (result.failedHealthCount > 0) problems.push(`${name}: the server was gone, ${result.failedHealthCount} times`)
  const slowestMs = Math.round(slowest.elapsedMs)
  if (slowestMs > MAX_ANSWER_MS) problems.push(`${slowest.name}: answered after ${slowestMs} ms`)
  if (growthBytes > MAX_GROWTH_BYTES) problems.push(`${name}: ${mebibytes(growthBytes)} MiB above the resting level`)
}

function keep ({ misses }: Bombardment): void {
  if (options.keep === undefined) return
  mkdirSync(options.keep, { recursive: true })
  for (const { shot } of misses) writeFileSync(join(options.keep, shot.name.replaceAll(/\W+/g, '-')), shot.bytes)
}

/** The log comes a little later than the answers. */
async function decodingMsOf (server: Server, firstLine: number, { sentCount }: Bombardment): Promise<number> {
  const { lines, waitForLine } = server
  if (lines === undefined || waitForLine === undefined) return 0
  await waitForLine(() => lines.length >= firstLine + sentCount)
  return slowestDecodingMs(lines.slice(firstLine))
}

function memoryOf ({ pid }: Server): number {
  return pid === undefined ? 0 : residentBytes(processTree(pid))
}

function mebibytes (bytes: number): number {
  return Math.round(bytes / MIB)
}
