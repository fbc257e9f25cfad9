import t from 'tap'
import fc from 'fast-check'
import { createQuota } from '../../src/emulation/quota.ts'
import { createTestClock } from '../helpers/build-app.ts'

const application = { clientId: 'a', state: 'active' as const }

t.test('rounds each call up', async (t) => {
  const cases: [durationMs: number, roundingSeconds: number, chargedSeconds: number][] = [
    [1, 15, 15], [14_999, 15, 15], [15_000, 15, 15], [15_001, 15, 30], [60_000, 15, 60], [1_001, 1, 2], [500, 10, 10]
  ]
  for (const [durationMs, roundingSeconds, chargedSeconds] of cases) {
    const quota = createQuota(createTestClock(), roundingSeconds)
    const exact = { ...application, dailyQuotaSeconds: chargedSeconds }
    const oneMore = { ...application, dailyQuotaSeconds: chargedSeconds + 1 }
    quota.charge(exact, durationMs)
    t.equal(quota.exhaustedLimit(exact), 'daily', `${durationMs} ms in steps of ${roundingSeconds} s`)
    t.equal(quota.exhaustedLimit(oneMore), undefined)
  }
})

t.test('names the limit that is used up', async (t) => {
  const quota = createQuota(createTestClock(), 15)
  const limited = { ...application, dailyQuotaSeconds: 100, monthlyQuotaSeconds: 15 }
  t.equal(quota.exhaustedLimit(limited), undefined)
  quota.charge(limited, 1)
  t.equal(quota.exhaustedLimit(limited), 'monthly')
})

t.test('an exhausted quota stays so until the day is over, whatever is called', async (t) => {
  fc.assert(fc.property(
    fc.array(fc.record({
      durationMs: fc.integer({ min: 1, max: 60_000 }),
      waitMs: fc.integer({ min: 0, max: 3_600_000 })
    })),
    fc.integer({ min: 0, max: 300 }),
    (calls, dailyQuotaSeconds) => {
      const clock = createTestClock()
      const quota = createQuota(clock, 15)
      const limited = { ...application, dailyQuotaSeconds }
      const kstDay = () => Math.floor((clock.nowMs() + 9 * 3_600_000) / 86_400_000)
      let exhaustedOn: number | undefined
      for (const { durationMs, waitMs } of calls) {
        clock.advance(waitMs)
        const isExhausted = quota.exhaustedLimit(limited) === 'daily'
        if (exhaustedOn === kstDay() && !isExhausted) return false
        if (isExhausted) exhaustedOn = kstDay()
        else quota.charge(limited, durationMs)
      }
      return true
    }
  ))
  t.pass()
})
