/** Subscription, rate and quota: what an application may do, over time. */
import t from 'tap'
import type { ApplicationSeed } from '../../src/emulation/applications.ts'
import { buildTestApp, type TestApp } from '../helpers/build-app.ts'
import { call, RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const application: ApplicationSeed = { clientId: 'test-id', clientSecret: 'test-secret' }
const second = writeWav(tone(440, 16_000))

const NOT_SUBSCRIBED = '{"error":{"errorCode":"210","message":"Permission Denied","details":"A subscription to the API is required."}}'
const QUOTA = '{"error":{"errorCode":"400","message":"Quota Exceeded","details":"Quota exceeded."}}'
const RATE_420 = '{"error":{"errorCode":"420","message":"Rate Limited","details":"Rate exceeded."}}'
const RATE_410 = '{"error":{"errorCode":"410","message":"Throttle Limited","details":"Rate exceeded."}}'
const HELLO = '{"text":"hello"}'

async function answers ({ app }: TestApp, count: number, payload = second) {
  const bodies: string[] = []
  for (let index = 0; index < count; index++) bodies.push((await app.inject(call({ payload }))).body)
  return bodies
}

t.test('the state of the subscription decides', async (t) => {
  const cases = [
    ['active', 200, HELLO],
    ['not_subscribed', 401, NOT_SUBSCRIBED],
    ['not_selected', 429, QUOTA]
  ] as const
  for (const [state, status, body] of cases) {
    await t.test(state, async (t) => {
      const { app } = await buildTestApp(t, { applications: [{ ...application, state }] })
      const response = await app.inject(call({ payload: second }))
      t.strictSame([response.statusCode, response.body], [status, body])
    })
  }
})

t.test('rate', async (t) => {
  await t.test('so many in a second, and again in the next; each application for itself', async (t) => {
    const other = { ...application, clientId: 'other', ratePerSecond: 1 }
    const testApp = await buildTestApp(t, { applications: [{ ...application, ratePerSecond: 2 }, other] })
    // The limiter is not ours and asks Date.
    let now = Date.now()
    const clock = t.capture(Date, 'now', () => now)
    t.strictSame(await answers(testApp, 4), [HELLO, HELLO, RATE_420, RATE_420])
    const asOther = call({ payload: second, headers: { ...RIGHT_HEADERS, 'x-ncp-apigw-api-key-id': 'other' } })
    t.equal((await testApp.app.inject(asOther)).body, HELLO)
    now += 1000
    t.strictSame(await answers(testApp, 3), [HELLO, HELLO, RATE_420])
    clock.restore()
  })

  await t.test('answers 410 by setting, and never with headers that the vendor does not send', async (t) => {
    const { app } = await buildTestApp(t, {
      applications: [{ ...application, ratePerSecond: 1 }], env: { CSR_RATE_ERROR: '410' }
    })
    for (const body of [HELLO, RATE_410]) {
      const response = await app.inject(call({ payload: second }))
      t.equal(response.body, body)
      t.strictSame(Object.keys(response.headers).filter((name) => /rate|retry/.test(name)), [])
    }
  })
})

t.test('quota', async (t) => {
  await t.test('is charged in steps of 15 s and refuses when nothing is left', async (t) => {
    const testApp = await buildTestApp(t, { applications: [{ ...application, dailyQuotaSeconds: 31 }] })
    t.strictSame(await answers(testApp, 4), [HELLO, HELLO, HELLO, QUOTA])
  })

  await t.test('the step is a setting', async (t) => {
    const testApp = await buildTestApp(t, {
      applications: [{ ...application, dailyQuotaSeconds: 2 }], env: { CSR_QUOTA_ROUNDING_SECONDS: '1' }
    })
    t.strictSame(await answers(testApp, 3), [HELLO, HELLO, QUOTA])
  })

  await t.test('calls that fail cost nothing', async (t) => {
    const testApp = await buildTestApp(t, { applications: [{ ...application, dailyQuotaSeconds: 15 }] })
    await answers(testApp, 5, Buffer.from('nonsense'))
    await answers(testApp, 5, writeWav(tone(440, 160)))
    t.strictSame(await answers(testApp, 2), [HELLO, QUOTA])
  })

  await t.test('a day ends at midnight in Korea, a month with its last day', async (t) => {
    const testApp = await buildTestApp(t, {
      applications: [{ ...application, dailyQuotaSeconds: 15, monthlyQuotaSeconds: 30 }]
    })
    const hourMs = 3_600_000
    t.strictSame(await answers(testApp, 2), [HELLO, QUOTA], '15 January, noon')
    testApp.clock.advance(12 * hourMs - 1)
    t.strictSame(await answers(testApp, 1), [QUOTA], 'a millisecond before midnight')
    testApp.clock.advance(1)
    t.strictSame(await answers(testApp, 2), [HELLO, QUOTA], '16 January')
    testApp.clock.advance(24 * hourMs)
    t.strictSame(await answers(testApp, 1), [QUOTA], '17 January: the month is used up')
    testApp.clock.advance(15 * 24 * hourMs)
    t.strictSame(await answers(testApp, 2), [HELLO, QUOTA], '1 February')
  })
})
