import t from 'tap'
import { createHash } from 'node:crypto'
import type { Recognizer } from '../../src/speech/recognizer.ts'
import { ApiError } from '../../src/errors/api-error.ts'
import { buildTestApp, TRACE_ID } from '../helpers/build-app.ts'
import { call, RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const second = writeWav(tone(440, 16_000))

/** All headers of an answer but the ones that the platform adds. */
function ownHeaders (headers: Record<string, unknown>) {
  const { date, connection, ...own } = headers
  return own
}

t.test('answers a transcript in exactly the vendor\'s bytes and headers', async (t) => {
  const { app } = await buildTestApp(t)
  const response = await app.inject(call({ payload: second }))
  t.equal(response.statusCode, 200)
  t.equal(response.rawPayload.toString('hex'), Buffer.from('{"text":"hello"}').toString('hex'))
  t.strictSame(ownHeaders(response.headers), {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': '16',
    'x-ncp-trace-id': TRACE_ID
  })
})

t.test('writes each language as the vendor does', async (t) => {
  type Case = [lang: string, language: string, utterances: string[], body: string]
  const cases: Case[] = [
    ['Kor', 'kor', ['안녕하세요 네이버', '클라우드'], '{"text":"안녕하세요 네이버 클라우드"}'],
    ['Eng', 'eng', ['Hello there.', 'Mr Kim'], '{"text":"hello there mr kim"}'],
    ['Jpn', 'jpn', ['こんにちは 世界', 'です'], '{"text":"こんにちは世界です"}'],
    ['Chn', 'chn', ['你好 世界', 'clova speech 好'], '{"text":"你好世界clova speech好"}'],
    ['Eng', 'eng', [], '{"text":""}'],
    ['Eng', 'eng', ['[noise]', '<unk>'], '{"text":""}'],
    ['Eng', 'eng', ['a"b\\c/d'], '{"text":"ab\\\\c/d"}']
  ]
  for (const [lang, language, utterances, body] of cases) {
    await t.test(`${lang} ${JSON.stringify(utterances)}`, async (t) => {
      const asked: string[] = []
      const recognizer: Partial<Recognizer> = {
        recognize: async (_pcm, language) => {
          asked.push(language)
          return utterances
        }
      }
      const { app } = await buildTestApp(t, { recognizer })
      const response = await app.inject(call({ url: `/recog/v1/stt?lang=${lang}`, payload: second }))
      t.equal(response.body, body)
      t.equal(response.headers['content-length'], String(Buffer.byteLength(body)))
      t.strictSame(asked, [language])
    })
  }
})

t.test('takes what clients vary', async (t) => {
  const headers = RIGHT_HEADERS
  const cases: [name: string, changes: Parameters<typeof call>[0]][] = [
    ['unknown query parameters', { url: '/recog/v1/stt?format=wav&lang=Eng&x=1' }],
    ['several lang: the first counts', { url: '/recog/v1/stt?lang=Eng&lang=xxx' }],
    ['a parameter of the media type', { headers: { ...headers, 'content-type': 'application/octet-stream; charset=UTF-8' } }],
    ['the media type in capitals', { headers: { ...headers, 'content-type': 'APPLICATION/OCTET-STREAM' } }],
    ['an encoded path', { url: '/recog/v1/%73tt?lang=Eng' }],
    ['blanks around the keys', { headers: { ...headers, 'x-ncp-apigw-api-key': ' test-secret ' } }]
  ]
  for (const [name, changes] of cases) {
    await t.test(name, async (t) => {
      const { app } = await buildTestApp(t)
      t.equal((await app.inject(call({ payload: second, ...changes }))).body, '{"text":"hello"}')
    })
  }
})

t.test('refuses at the edges, and one step inside them does not', async (t) => {
  const ms = (durationMs: number) => writeWav(tone(440, durationMs * 16))
  const tooLong = '{"error":{"errorCode":"STT001","message":"Exceed Sound Data length"}}'
  const tooShort = '{"error":{"errorCode":"STT007","message":"Too Short Sound Data"}}'
  const tooLarge = '{"error":{"errorCode":"STT000","message":"Request Entity Too Large"}}'
  const padded = (bytes: number) => Buffer.concat([second, Buffer.alloc(bytes - second.length)])
  const hello = '{"text":"hello"}'
  type Case = [name: string, payload: Buffer, status: number, body: string, env?: Record<string, string>]
  const cases: Case[] = [
    ['399 ms', ms(399), 400, tooShort],
    ['400 ms', ms(400), 400, tooShort],
    ['401 ms', ms(401), 200, hello],
    ['59 999 ms', ms(59_999), 200, hello],
    ['60 000 ms', ms(60_000), 200, hello],
    ['one sample over 60 s', writeWav(tone(440, 960_001)), 413, tooLong],
    ['61 s', ms(61_000), 413, tooLong],
    ['3 145 728 bytes', padded(3_145_728), 200, hello],
    ['3 145 729 bytes', padded(3_145_729), 413, tooLarge],
    ['CSR_MAX_BODY_BYTES', second, 413, tooLarge, { CSR_MAX_BODY_BYTES: String(second.length - 1) }],
    ['CSR_MAX_AUDIO_MS', second, 413, tooLong, { CSR_MAX_AUDIO_MS: '999' }],
    ['CSR_MIN_AUDIO_MS', second, 400, tooShort, { CSR_MIN_AUDIO_MS: '1000' }]
  ]
  for (const [name, payload, status, body, env = {}] of cases) {
    await t.test(name, async (t) => {
      const { app } = await buildTestApp(t, { env })
      const response = await app.inject(call({ payload }))
      t.strictSame([response.statusCode, response.body], [status, body])
    })
  }
})

t.test('logs one line per call, with facts and without secrets', async (t) => {
  const { app, lines } = await buildTestApp(t, { env: { CSR_LOG_LEVEL: 'debug' } })
  await app.inject(call({ url: '/recog/v1/stt?lang=Eng&key=test-secret', payload: second }))
  const [line, transcript, ...rest] = lines
  t.strictSame(rest, [])
  t.match(line, {
    traceId: TRACE_ID,
    method: 'POST',
    path: '/recog/v1/stt',
    status: 200,
    clientId: 'test-id',
    lang: 'Eng',
    bodyBytes: second.length,
    audio: { container: 'wav', sampleRateHertz: 16_000, channelCount: 1, durationMs: 1000 },
    // SHA-256 of the samples, without the header of the file.
    audioSha256: createHash('sha256').update(second.subarray(44)).digest('hex'),
    source: 'recognized',
    stepMs: { upload: 0, decode: 0, recognize: 0 },
    elapsedMs: 0
  })
  t.match(transcript, { text: 'hello' })
  t.notMatch(JSON.stringify(lines), 'test-secret')
})

t.test('a recogniser that fails answers its row; one that throws anything else is a defect', async (t) => {
  const cases: [name: string, error: Error, status: number, body: string, level: number][] = [
    ['STT998', new ApiError('STT_RECOGNITION_FAILED', { reason: 'no model' }), 500,
      '{"error":{"errorCode":"STT998","message":"Failed to STT"}}', 30],
    ['overload', new ApiError('GATEWAY_ENDPOINT_ERROR'), 503,
      '{"error":{"errorCode":"500","message":"Endpoint Error","details":"Endpoint error."}}', 30],
    ['time-out', new ApiError('GATEWAY_ENDPOINT_TIMEOUT'), 504,
      '{"error":{"errorCode":"510","message":"Endpoint Timeout","details":"Endpoint timed out."}}', 30],
    ['defect', new TypeError('secret inner text'), 500,
      '{"error":{"errorCode":"STT999","message":"Internal Server Error"}}', 50]
  ]
  for (const [name, error, status, body, level] of cases) {
    await t.test(name, async (t) => {
      const { app, lines } = await buildTestApp(t, { recognizer: { recognize: async () => { throw error } } })
      const response = await app.inject(call({ payload: second }))
      t.strictSame([response.statusCode, response.body], [status, body])
      t.equal(lines[0]?.['level'], level)
    })
  }
})

t.test('lets in only so many calls at a time', async (t) => {
  const held: (() => void)[] = []
  const recognize = () => new Promise<string[]>((resolve) => { held.push(() => { resolve(['hello']) }) })
  const { app } = await buildTestApp(t, {
    recognizer: { recognize },
    // The same sound each time, which would be recognised for all of them at once.
    env: { CSR_WORKERS: '1', CSR_QUEUE_LENGTH: '1', CSR_CACHE_BYTES: '0' }
  })
  const send = async () => (await app.inject(call({ payload: second }))).body
  const overload = '{"error":{"errorCode":"500","message":"Endpoint Error","details":"Endpoint error."}}'

  const first = Array.from({ length: 4 }, send)
  const surplus = await Promise.race([send(), ...first])
  t.equal(surplus, overload, 'the fifth is refused while four are under way')
  while (held.length < 4) await new Promise(setImmediate)
  held.splice(0).forEach((release) => { release() })
  t.strictSame(await Promise.all(first), Array.from({ length: 4 }, () => '{"text":"hello"}'))
  const next = send()
  while (held.length === 0) await new Promise(setImmediate)
  held.splice(0).forEach((release) => { release() })
  t.equal(await next, '{"text":"hello"}', 'and there is room again')
})

t.test('STT errors are flat on request, gateway errors never', async (t) => {
  const { app } = await buildTestApp(t, { env: { CSR_STT_ERROR_SHAPE: 'flat' } })
  const short = await app.inject(call({ payload: writeWav(tone(440, 160)) }))
  t.equal(short.body, '{"errorMessage":"Too Short Sound Data","errorCode":"STT007"}')
  const keyless = await app.inject(call({ payload: second, headers: {} }))
  t.equal(keyless.body, '{"error":{"errorCode":"200","message":"Authentication Failed",' +
    '"details":"Authentication information are missing."}}')
})
