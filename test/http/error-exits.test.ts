/** The exits that `inject` can reach; those that need a socket are in test/e2e. */
import t from 'tap'
import type { InjectOptions } from 'fastify'
import { buildTestApp, TRACE_ID } from '../helpers/build-app.ts'
import { call, RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const NOT_FOUND = '{"error":{"errorCode":"300","message":"Not Found Exception","details":"URL not found."}}'
const BAD_REQUEST = '{"error":{"errorCode":"100","message":"Bad Request Exception","details":"Bad request."}}'

t.test('nothing of the framework reaches a client', async (t) => {
  const typed = (type: string, payload = '{') => ({ payload, headers: { ...RIGHT_HEADERS, 'content-type': type } })
  const cases: [name: string, options: InjectOptions, status: number, body: string][] = [
    ['another path', call({ url: '/recog/v1/tts' }), 404, NOT_FOUND],
    ['the root', call({ url: '/' }), 404, NOT_FOUND],
    ['a slash at the end', call({ url: '/recog/v1/stt/?lang=Kor' }), 404, NOT_FOUND],
    ['other capitals', call({ url: '/Recog/v1/stt?lang=Kor' }), 404, NOT_FOUND],
    ['two slashes', call({ url: '//recog/v1/stt?lang=Kor' }), 404, NOT_FOUND],
    ['GET', { method: 'GET', url: '/recog/v1/stt?lang=Kor' }, 404, NOT_FOUND],
    ['OPTIONS, as a browser asks', { method: 'OPTIONS', url: '/recog/v1/stt' }, 404, NOT_FOUND],
    ['PUT', call({ method: 'PUT' }), 404, NOT_FOUND],
    ['DELETE', { method: 'DELETE', url: '/recog/v1/stt' }, 404, NOT_FOUND],
    ['an unknown path with broken JSON', call({ url: '/x', ...typed('application/json') }), 404, NOT_FOUND],
    ['an unknown path with a malformed type', call({ url: '/x', ...typed('nonsense') }), 404, NOT_FOUND],
    ['an unknown path with a huge body', call({ url: '/x', payload: Buffer.alloc(4_000_000) }), 404, NOT_FOUND],
    ['a URL that cannot be decoded', call({ url: '/recog/v1/%zz' }), 400, BAD_REQUEST],
    ['broken JSON', call(typed('application/json')), 400, '{"error":{"errorCode":"STT002","message":"Invalid Content Type"}}'],
    ['a malformed type', call(typed('nonsense')), 400, '{"error":{"errorCode":"STT002","message":"Invalid Content Type"}}']
  ]
  for (const [name, options, status, body] of cases) {
    await t.test(name, async (t) => {
      const { app } = await buildTestApp(t)
      const response = await app.inject(options)
      t.strictSame([response.statusCode, response.body], [status, body])
      t.equal(response.headers['content-type'], 'application/json;charset=UTF-8')
      t.equal(response.headers['x-ncp-trace-id'], TRACE_ID)
    })
  }
})

t.test('HEAD is answered like GET, without the body', async (t) => {
  const { app } = await buildTestApp(t)
  const response = await app.inject({ method: 'HEAD', url: '/recog/v1/stt' })
  t.strictSame([response.statusCode, response.body, response.headers['content-length']], [404, '', String(NOT_FOUND.length)])
})

t.test('a defect answers its layer\'s row, is logged with its stack, and keeps its text to itself', async (t) => {
  const defect = new TypeError('inner text')
  const inService = await buildTestApp(t, { recognizer: { recognize: async () => { throw defect } } })
  const service = await inService.app.inject(call({ payload: writeWav(tone(440, 16_000)) }))
  t.equal(service.body, '{"error":{"errorCode":"STT999","message":"Internal Server Error"}}')

  const applications = { isConfigured: true, authenticate: () => { throw defect } }
  const inGateway = await buildTestApp(t, { applicationStore: applications })
  const gateway = await inGateway.app.inject(call())
  t.equal(gateway.body, '{"error":{"errorCode":"900","message":"Unexpected Error","details":"Unexpected error."}}')

  const inAdmin = await buildTestApp(t, { languages: { filter: () => { throw defect } } as never })
  const admin = await inAdmin.app.inject({ url: '/_emulator/ready' })
  t.match(admin.json(), { error: { errorCode: 'ADMIN_UNEXPECTED_ERROR' } })

  for (const { lines } of [inService, inGateway, inAdmin]) {
    const [error] = lines
    t.match(error, { level: 50, traceId: TRACE_ID, err: { type: 'TypeError', message: 'inner text', stack: /error-exits/ } })
  }
  for (const { body } of [service, gateway, admin]) t.notMatch(body, 'inner text')
})
