/** The emulator as a user runs it: `node dist/cli.js` in a process of its own, on a free port. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const CLI_PATH = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** One line of the server's log; level 30 is info, 50 is error. */
export interface LogLine extends Record<string, unknown> {
  level: number
  msg: string
}

export interface ServerOptions {
  /** Variables for the server, beside the few that every process needs. */
  env?: Record<string, string>
  /** Resolve only when /_emulator/ready answers 200. */
  shouldWaitUntilReady?: boolean
  /** Error lines and standard error are what the test is about; otherwise any of them fails it. */
  mayComplain?: boolean
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface ServerProcess {
  url: string
  port: number
  pid: number
  /** Every log line so far. */
  lines: LogLine[]
  /** Standard output and standard error so far, as they came. */
  output (): string
  /** The first line, of those that came or will come, that `isWanted` accepts. Fails when the process ends first. */
  waitForLine (isWanted: (line: LogLine) => boolean): Promise<LogLine>
  /**
   * Sends the signal; resolves when the process has gone and with it every process that holds its standard error, as
   * all of its children do.
   */
  stop (signal?: NodeJS.Signals): Promise<Exit>
}

const READY_LINE = /^csr-emulator \S+ listens on (http:\/\/\S+?:(\d+));/

/** What a process needs from its surroundings. Neither our own variables nor what tap hands down to its children. */
export function plainEnvironment (): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot']
  return Object.fromEntries(names.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }))
}

/**
 * Starts the server and waits for its ready line. When the test ends it is stopped by SIGTERM and must exit with 0,
 * without a word on standard error and without an error line, unless `mayComplain`.
 */
export async function startServerProcess (
  t: Pick<Test, 'teardown'>, flags: readonly string[] = [], options: ServerOptions = {}
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [CLI_PATH, '--port', '0', '--log-format', 'json', ...flags], {
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const lines: LogLine[] = []
  const listeners = new Set<(line: LogLine) => void>()
  const output = collectOutput(child, (text) => {
    const line = JSON.parse(text) as LogLine
    lines.push(line)
    for (const listener of listeners) listener(line)
  })
  // 'close' and not 'exit': it comes when nobody holds the other end of the pipes any more, so no child is left.
  const closed = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => { resolve({ code, signal }) })
  })

  function waitForLine (isWanted: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const settle = (line: LogLine) => {
        if (!isWanted(line)) return
        listeners.delete(settle)
        resolve(line)
      }
      const known = lines.find(isWanted)
      if (known !== undefined) return resolve(known)
      listeners.add(settle)
      closed.then(({ code, signal }) => {
        reject(new Error(`the server has ended (${code ?? signal}) before the line came:\n${output()}`))
      }, reject)
    })
  }

  let isStoppedByTest = false
  t.teardown(async () => {
    if (!isStoppedByTest) {
      child.kill('SIGTERM')
      const { code, signal } = await closed
      if (code !== 0) throw new Error(`the server ended with ${code ?? signal} after SIGTERM:\n${output()}`)
    }
    if (options.mayComplain !== true) requireQuiet(lines, output)
  })

  const ready = await waitForLine(({ msg }) => READY_LINE.test(msg))
  const [, url = '', port] = READY_LINE.exec(ready.msg) ?? []
  if (options.shouldWaitUntilReady === true) await waitUntilReady(url)
  return {
    url,
    port: Number(port),
    pid: child.pid ?? NaN,
    lines,
    output,
    waitForLine,
    stop (signal = 'SIGTERM') {
      isStoppedByTest = true
      child.kill(signal)
      return closed
    }
  }
}

/** Runs the command line to its end. Nothing is thrown for an exit code. */
export async function runCli (args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI_PATH, ...args], {
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const exit = await new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => { resolve({ code, signal }) })
  })
  return { ...exit, stdout, stderr }
}

/** Asks until the models have been tried; each question is a full round trip, so the loop does not spin. */
async function waitUntilReady (url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/_emulator/ready`)
    const { status, languages } = await answer.json() as { status: string, languages: unknown }
    if (status === 'ready') return
    if (status === 'failed') throw new Error(`no model is ready: ${JSON.stringify(languages)}`)
  }
}

function collectOutput (child: ChildProcess, onLine: (line: string) => void): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (piece: string) => { text += piece })
  }
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine)
  return () => text
}

function requireQuiet (lines: readonly LogLine[], output: () => string): void {
  const complaints = lines.filter(({ level }) => level >= 50)
  // Whatever is no log line came over standard error.
  const strayLines = output().split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  if (complaints.length + strayLines.length > 0) {
    throw new Error(`the server complained:\n${[...complaints.map((line) => JSON.stringify(line)), ...strayLines].join('\n')}`)
  }
}
