/**
 * The benchmark: `npm run bench`, or after a build `tsx bench/run.ts [--only <case>] [--quick] [--calls <n>]`.
 * Ends with exit code 1 when a ratio breaks its limit in budget.json. See docs/benchmarks.md.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { cache } from './cache.ts'
import { coldStart } from './cold-start.ts'
import { decoding } from './decoding.ts'
import { rejections } from './rejections.ts'
import { brokenLimits, describeRun, keepRun, readBudget, tableOf, type CaseResult, type Row } from './report.ts'
import { soak } from './soak.ts'
import { threading } from './threading.ts'
import { throughput } from './throughput.ts'

const CASES: Readonly<Record<string, (isQuick: boolean, callCount: number) => Promise<CaseResult>>> = {
  coldStart, throughput, cache, decoding, rejections, soak, threading
}
/** Above this the machine had something else to do before the run. */
const QUIET_LOAD_AVERAGE = 1.5

const { values: { only, quick, calls } } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    calls: { type: 'string' }
  }
})
const names = only ?? Object.keys(CASES)
const callCount = Number(calls ?? (quick ? 2_000 : 20_000))
const unknown = names.filter((name) => !Object.hasOwn(CASES, name))
if (unknown.length > 0 || !Number.isInteger(callCount) || callCount < 100) {
  process.stderr.write(`usage: tsx bench/run.ts [--only ${Object.keys(CASES).join('|')}] [--quick] [--calls <at least 100>]\n`)
  process.exit(2)
}

const about = describeRun()
const [loadAverage = 0] = loadavg()
if (loadAverage > QUIET_LOAD_AVERAGE) {
  process.stderr.write(`warning: the load average is ${loadAverage.toFixed(1)}: something else is running, only ratios say something\n`)
}
const rows: Row[] = []
const facts: Record<string, unknown> = {}
for (const name of names) {
  process.stderr.write(`${name} …\n`)
  const result = await CASES[name]!(quick, callCount)
  rows.push(...result.rows)
  facts[name] = result.facts
}
keepRun({ ...about, isQuick: quick, rows, facts })

const budget = readBudget()
process.stdout.write(`${tableOf(rows, budget)}\n`)
const broken = brokenLimits(rows, budget)
for (const line of broken) process.stderr.write(`${line}\n`)
if (broken.length > 0) process.exitCode = 1
