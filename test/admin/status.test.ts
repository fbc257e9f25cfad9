import t from 'tap'
import type { LanguageStatus } from '../../src/admin/index.ts'
import { buildTestApp } from '../helpers/build-app.ts'

const kor = { lang: 'Kor', state: 'absent', detail: 'no model' } as const
const language = (state: LanguageStatus['state']) => ({ lang: 'Eng', state, detail: 'model' })

t.test('health says that the process lives', async (t) => {
  const { app, lines } = await buildTestApp(t)
  const response = await app.inject({ url: '/_emulator/health' })
  t.strictSame([response.statusCode, response.json()], [200, { status: 'alive', version: '0.0.0' }])
  t.strictSame(lines, [], 'and is not logged')
})

t.test('ready says whether a call will succeed', async (t) => {
  const cases: [name: string, languages: LanguageStatus[], status: number, word: string][] = [
    ['all there is has been tried', [kor, language('ready')], 200, 'ready'],
    ['a model is still loading', [language('ready'), language('loading')], 503, 'loading'],
    ['a model has failed', [language('ready'), language('failed')], 503, 'failed'],
    ['there is no model at all', [kor], 503, 'failed']
  ]
  for (const [name, languages, status, word] of cases) {
    await t.test(name, async (t) => {
      const { app } = await buildTestApp(t, { languages })
      const response = await app.inject({ url: '/_emulator/ready' })
      t.strictSame([response.statusCode, response.json()], [status, { status: word, version: '0.0.0', languages }])
    })
  }
})

t.test('what the control API does not have is refused in its own form, and never echoed into another', async (t) => {
  const { app } = await buildTestApp(t)
  const cases: [method: 'GET' | 'POST', url: string, message: string][] = [
    ['GET', '/_emulator', 'GET /_emulator'],
    ['GET', '/_emulator/nothing?x=1', 'GET /_emulator/nothing'],
    ['POST', '/_emulator/health', 'POST /_emulator/health']
  ]
  for (const [method, url, what] of cases) {
    const response = await app.inject({ method, url, headers: { 'content-type': 'text/plain' }, payload: method === 'POST' ? 'x' : '' })
    t.strictSame([response.statusCode, response.json()], [404, {
      error: { errorCode: 'ADMIN_ROUTE_UNKNOWN', message: `the control API has no ${what}; openapi.yaml lists what it has` }
    }])
  }
  const neighbour = await app.inject({ url: '/_emulatorx' })
  t.match(neighbour.body, '"errorCode":"300"')
})

t.test('neither needs credentials, and neither gives any', async (t) => {
  const { app } = await buildTestApp(t, { applications: [{ clientId: 'id', clientSecret: 'hidden' }] })
  for (const url of ['/_emulator/health', '/_emulator/ready']) {
    t.notMatch((await app.inject({ url })).body, 'hidden')
  }
})
