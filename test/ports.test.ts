import t from 'tap'
import { randomIds, systemPorts } from '../src/ports.ts'

t.test('trace ids have the vendor\'s form, differ, and use every letter alike', async (t) => {
  const ids = Array.from({ length: 5_000 }, () => randomIds.traceId())
  for (const id of ids) if (!/^[0-9a-z]{26}$/.test(id)) t.fail(id)
  t.equal(new Set(ids).size, ids.length)
  const counts = new Map<string, number>()
  for (const letter of ids.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  const expectedCount = ids.length * 26 / 36
  t.equal(counts.size, 36)
  for (const [letter, count] of counts) {
    // Seven standard deviations: once in 10^10 runs.
    t.ok(Math.abs(count - expectedCount) < 7 * Math.sqrt(expectedCount), `${letter}: ${count} of about ${expectedCount}`)
  }
})

t.test('the clocks tell the time of the machine', async (t) => {
  const before = Date.now()
  const { clock } = systemPorts
  t.ok(clock.nowMs() >= before)
  const start = clock.monotonicMs()
  t.ok(clock.monotonicMs() >= start)
})
