/** The processes that are measured, and what the operating system knows of them. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/**
 * `seeded` is the emulator with one application, so that a key can be wrong; `forgetful` recognises the same sound anew
 * in every call.
 */
export type ServerKind = 'emulator' | 'seeded' | 'forgetful' | 'bare'

export interface ServerProcess {
  url: string
  pid: number
  /** From before the process was spawned to its line with the address. */
  readyLineMs: number
  spawnedAtMs: number
  /** Where the server would put temporary files. */
  temporaryFolder: string
  stop (): Promise<void>
}

/** The pair of keys that every server here accepts. */
export const KEYS = { 'X-NCP-APIGW-API-KEY-ID': 'bench', 'X-NCP-APIGW-API-KEY': 'bench-secret' }

const EMULATOR_FLAGS = ['--port', '0', '--log-format', 'json']
const ADDRESS = /listens on (http:\/\/[^\s;]+);/
const START_LIMIT_MS = 30_000
const POLL_MS = 2

/** Servers that are up, with their folders. */
const running = new Map<ChildProcess, string>()
// Whatever ends the benchmark, no server outlives it.
process.once('exit', () => {
  for (const [child, folder] of running) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { process.exit(1) })

/**
 * Starts a server on a free port. Its log goes to a file and not to a pipe, whose reader would take time away from
 * the server on a machine with two cores.
 */
export async function startProcess (kind: ServerKind): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'csr-emulator-bench-'))
  const logFile = join(folder, 'log')
  const log = openSync(logFile, 'w')
  const nodeArguments = kind === 'bare' ? [pathOf('bare-fastify.js')] : [pathOf('../dist/cli.js'), ...EMULATOR_FLAGS]
  if (kind === 'seeded') nodeArguments.push('--seed', writeSeed(folder))
  if (kind === 'forgetful') nodeArguments.push('--cache-bytes', '0')
  const temporaryFolder = join(folder, 'temporary')
  mkdirSync(temporaryFolder)
  const spawnedAtMs = performance.now()
  const child = spawn(process.execPath, nodeArguments, {
    stdio: ['ignore', log, 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', TMPDIR: temporaryFolder }
  })
  running.set(child, folder)
  const stop = async () => {
    await end(child)
    running.delete(child)
    closeSync(log)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const url = await readAddress(child, logFile)
    const readyLineMs = performance.now() - spawnedAtMs
    return { url, pid: child.pid ?? NaN, readyLineMs, spawnedAtMs, temporaryFolder, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function pathOf (relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

function writeSeed (folder: string): string {
  const file = join(folder, 'seed.json')
  const [clientId, clientSecret] = Object.values(KEYS)
  writeFileSync(file, JSON.stringify({ applications: [{ clientId, clientSecret }] }))
  return file
}

async function readAddress (child: ChildProcess, logFile: string): Promise<string> {
  for (const startMs = performance.now(); performance.now() - startMs < START_LIMIT_MS; await delay(POLL_MS)) {
    const url = ADDRESS.exec(readFileSync(logFile, 'utf8'))?.[1]
    if (url !== undefined) return url
    if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`)
  }
  throw new Error(`the server was not ready after ${START_LIMIT_MS} ms`)
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Resident memory in MiB. */
export function residentMib (pid: number): number {
  const kib = process.platform === 'linux'
    ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kib) / 1024
}

/** Processes that it has started, as far as the system tells. */
export function childrenOf (pid: number): number[] {
  if (process.platform !== 'linux') return []
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((id) => id !== '').map(Number)
}

/** Open file descriptors; undefined where the system has no /proc. */
export function openFileCount (pid: number): number | undefined {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : undefined
}

/** Processor time in milliseconds by thread id (the main thread's is the process id); empty where there is no /proc. */
export function threadCpuMs (pid: number): Map<number, number> {
  if (process.platform !== 'linux') return new Map()
  return new Map(readdirSync(`/proc/${pid}/task`).map((id): [number, number] => {
    const stat = readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8')
    // The second field is a name in parentheses; user and system time are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [Number(id), (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK]
  }))
}

/** Linux reports processor time in hundredths of a second, whatever its own clock does. */
const MS_PER_TICK = 10
