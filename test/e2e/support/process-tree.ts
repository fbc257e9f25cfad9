/** A process with its children, as the kernel sees them. Linux only: it reads /proc. */
import { readdirSync, readFileSync } from 'node:fs'

export const canReadProcesses = process.platform === 'linux'

/** The process and all of its descendants; empty when it has gone. */
export function processTree (pid: number): number[] {
  const tree = readStat(String(pid)) === undefined ? [] : [pid]
  // Not by everybody's parent: this is asked fifty times a second.
  for (const parent of tree) tree.push(...childrenOf(parent))
  return tree
}

/** A child belongs to the thread that has started it. */
function childrenOf (pid: number): number[] {
  return readNames(`/proc/${pid}/task`).flatMap((thread) =>
    readOrNothing(`/proc/${pid}/task/${thread}/children`).split(' ').filter((child) => child !== '').map(Number))
}

/** Resident memory of all of them together; a process that has just gone counts as nothing. */
export function residentBytes (pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/status`)) ?? []
    return sum + Number(kibibytes) * 1024
  }, 0)
}

/** Files, sockets and pipes that the process has open; 0 when it has gone. */
export function openFileCount (pid: number): number {
  return readNames(`/proc/${pid}/fd`).length
}

export function isAlive (pid: number): boolean {
  // A zombie has ended; only its parent has not asked yet.
  return !['Z', undefined].includes(readStat(String(pid))?.[0])
}

/** The fields from the state on; the name in front of it may hold blanks and brackets. */
function readStat (pid: string): string[] | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`)
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function readOrNothing (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function readNames (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
