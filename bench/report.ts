/** What a case found, as a table for people and as a line for machines. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'

export interface Row {
  /** `case.measure`, the key of the budget file. */
  name: string
  meaning: string
  value: number
  unit: string
  /** What the value is compared with, in the same unit. */
  yardstick?: number
  /** `value / yardstick`, or another number that does not depend on the machine's speed. */
  ratio?: number
}

export interface CaseResult {
  rows: Row[]
  /** Everything else worth keeping: single rounds, processor times. */
  facts: Record<string, unknown>
}

/** Limits of a ratio; a better ratio is a larger one with `min` and a smaller one with `max`. */
interface Limit {
  min?: number
  max?: number
}

type Budget = Readonly<Record<string, Limit>>

export function readBudget (): Budget {
  return JSON.parse(readFileSync(new URL('budget.json', import.meta.url), 'utf8')) as Budget
}

/** A row with its ratio to a yardstick. */
export function compared (name: string, meaning: string, unit: string, value: number, yardstick: number): Row {
  return { name, meaning, unit, value, yardstick, ratio: value / yardstick }
}

/** Names and numbers of the ratios that break their limit. */
export function brokenLimits (rows: readonly Row[], budget: Budget): string[] {
  return rows.flatMap(({ name, ratio }) => {
    const { min = -Infinity, max = Infinity } = budget[name] ?? {}
    if (ratio === undefined || (ratio >= min && ratio <= max)) return []
    return [`${name}: the ratio ${digits(ratio)} is outside of its budget (${limitText(budget[name])})`]
  })
}

export function tableOf (rows: readonly Row[], budget: Budget): string {
  const lines = rows.map(({ name, meaning, value, unit, yardstick, ratio }) => [
    `\`${name}\``, meaning, `${digits(value)} ${unit}`,
    yardstick === undefined ? '' : `${digits(yardstick)} ${unit}`,
    ratio === undefined ? '' : digits(ratio),
    limitText(budget[name])
  ])
  const head = ['name', 'what', 'median', 'yardstick', 'ratio', 'budget']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function limitText (limit: Limit | undefined): string {
  if (limit === undefined) return ''
  return limit.min === undefined ? `≤ ${limit.max}` : `≥ ${limit.min}`
}

function digits (value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** What the numbers were measured on. */
export function describeRun (): Record<string, unknown> {
  return {
    startedAt: new Date().toISOString(),
    revision: git('rev-parse', 'HEAD'),
    hasLocalChanges: Boolean(git('status', '--porcelain')),
    versions: { node: process.version, ...pinnedVersions() },
    platform: `${process.platform}-${process.arch}`,
    cpuModel: cpus()[0]?.model,
    coreCount: availableParallelism(),
    loadAverage: loadavg()
  }
}

/** package.json pins every version exactly. */
function pinnedVersions (): Record<string, string | undefined> {
  const { version, dependencies, devDependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  ) as { version: string, dependencies: Record<string, string>, devDependencies: Record<string, string> }
  const { fastify, koffi } = dependencies
  return { 'csr-emulator': version, fastify, koffi, vosk: devDependencies['vosk'] }
}

function git (...parameters: string[]): string | undefined {
  try {
    return execFileSync('git', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    // A packed copy has no repository.
    return undefined
  }
}

/** Appends one line to bench/results/runs.jsonl. */
export function keepRun (run: Record<string, unknown>): void {
  const folder = new URL('results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  appendFileSync(new URL('runs.jsonl', folder), `${JSON.stringify(run)}\n`)
}
