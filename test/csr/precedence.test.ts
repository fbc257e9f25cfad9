/** Two mistakes in one call: which one answers. The table is the order of contract.md 0, rows 5 and 6. */
import t, { type Test } from 'tap'
import type { InjectOptions } from 'fastify'
import { rowOf, type VendorKey } from '../../src/errors/catalogue.ts'
import { renderError } from '../../src/errors/error-body.ts'
import { buildTestApp } from '../helpers/build-app.ts'
import { RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

interface Draft {
  method: NonNullable<InjectOptions['method']>
  path: string
  lang: string | undefined
  headers: Record<string, string>
  payload: Buffer
}

interface Mistake {
  name: string
  key: VendorKey
  make (draft: Draft): void
}

const limited = { clientSecret: 'test-secret', dailyQuotaSeconds: 0 }
const applications = [
  { clientId: 'test-id', clientSecret: 'test-secret' },
  { clientId: 'unsubscribed', clientSecret: 'test-secret', state: 'not_subscribed' as const },
  { clientId: 'unselected', clientSecret: 'test-secret', state: 'not_selected' as const },
  { clientId: 'hasty', clientSecret: 'test-secret', ratePerSecond: 1 },
  { clientId: 'spent', ...limited },
  { clientId: 'spent and hasty', ...limited, ratePerSecond: 1 }
]

const ID = 'x-ncp-apigw-api-key-id'
const setId = (id: string) => ({ headers }: Draft) => {
  // A mistake in the credentials themselves stays; the one in the path does not care.
  if (headers[ID] !== undefined) headers[ID] = id
}

/** In the order of precedence. */
const mistakes: Mistake[] = [
  { name: 'path', key: 'GATEWAY_URL_NOT_FOUND', make: (draft) => { draft.path = '/recog/v1/stt/' } },
  { name: 'method', key: 'GATEWAY_URL_NOT_FOUND', make: (draft) => { draft.method = 'PUT' } },
  { name: 'no client id', key: 'GATEWAY_CREDENTIALS_MISSING', make: ({ headers }) => { delete headers[ID] } },
  { name: 'empty secret', key: 'GATEWAY_CREDENTIALS_MISSING', make: ({ headers }) => { headers['x-ncp-apigw-api-key'] = '' } },
  {
    name: 'wrong secret',
    key: 'GATEWAY_CREDENTIALS_INVALID',
    make: ({ headers }) => { headers['x-ncp-apigw-api-key'] = 'wrong' }
  },
  { name: 'not subscribed', key: 'GATEWAY_NOT_SUBSCRIBED', make: setId('unsubscribed') },
  { name: 'not selected', key: 'GATEWAY_NOT_SELECTED', make: setId('unselected') },
  { name: 'rate', key: 'GATEWAY_RATE_LIMITED', make: setId('hasty') },
  { name: 'quota', key: 'GATEWAY_QUOTA_EXCEEDED', make: setId('spent') },
  { name: 'too large', key: 'STT_ENTITY_TOO_LARGE', make: (draft) => { draft.payload = Buffer.alloc(3_145_729) } },
  {
    name: 'Content-Type',
    key: 'STT_CONTENT_TYPE_INVALID',
    make: ({ headers }) => { headers['content-type'] = 'audio/wav' }
  },
  {
    name: 'malformed Content-Type',
    key: 'STT_CONTENT_TYPE_INVALID',
    make: ({ headers }) => { headers['content-type'] = 'nonsense' }
  },
  { name: 'no Content-Type', key: 'STT_CONTENT_TYPE_INVALID', make: ({ headers }) => { delete headers['content-type'] } },
  { name: 'empty body', key: 'STT_BODY_EMPTY', make: (draft) => { draft.payload = Buffer.alloc(0) } },
  { name: 'no lang', key: 'STT_LANGUAGE_EMPTY', make: (draft) => { draft.lang = undefined } },
  { name: 'empty lang', key: 'STT_LANGUAGE_EMPTY', make: (draft) => { draft.lang = '' } },
  { name: 'bad lang', key: 'STT_LANGUAGE_INVALID', make: (draft) => { draft.lang = 'kor' } },
  { name: 'undecodable', key: 'STT_DECODE_FAILED', make: (draft) => { draft.payload = Buffer.from('nonsense') } },
  { name: 'too short', key: 'STT_TOO_SHORT', make: (draft) => { draft.payload = writeWav(tone(440, 160)) } },
  { name: 'too long', key: 'STT_TOO_LONG', make: (draft) => { draft.payload = writeWav(tone(440, 960_160)) } }
]

/** Mistakes that cannot be made together: both replace the same part of the call. */
const parts: readonly (readonly string[])[] = [
  ['not subscribed', 'not selected', 'rate', 'quota'],
  ['too large', 'empty body', 'undecodable', 'too short', 'too long'],
  ['Content-Type', 'malformed Content-Type', 'no Content-Type'],
  ['no lang', 'empty lang', 'bad lang'],
  ['empty secret', 'wrong secret']
]
const isPossible = (a: string, b: string) => !parts.some((part) => part.includes(a) && part.includes(b))

function draftOf (...made: Mistake[]): InjectOptions {
  const draft: Draft = {
    method: 'POST', path: '/recog/v1/stt', lang: 'Eng', headers: { ...RIGHT_HEADERS }, payload: writeWav(tone(440, 16_000))
  }
  for (const { make } of made) make(draft)
  const { method, path, lang, headers, payload } = draft
  return { method, url: lang === undefined ? path : `${path}?lang=${lang}`, headers, payload }
}

async function answerTo (t: Test, ...made: Mistake[]) {
  const { app } = await buildTestApp(t, { applications })
  const options = draftOf(...made)
  if (made.some(({ name }) => name === 'rate')) await app.inject(draftOf(mistakes.find(({ name }) => name === 'rate')!))
  const { statusCode, body } = await app.inject(options)
  return { status: statusCode, body }
}

function expected (key: VendorKey) {
  return { status: rowOf(key).httpStatus, body: renderError(key, 'nested').body }
}

t.test('each mistake alone answers its row', async (t) => {
  for (const mistake of mistakes) {
    t.strictSame(await answerTo(t, mistake), expected(mistake.key), mistake.name)
  }
})

t.test('of two mistakes the earlier one answers', async (t) => {
  for (const [index, first] of mistakes.entries()) {
    for (const second of mistakes.slice(index + 1)) {
      if (!isPossible(first.name, second.name)) continue
      t.strictSame(await answerTo(t, first, second), expected(first.key), `${first.name} before ${second.name}`)
    }
  }
})

t.test('rate before quota', async (t) => {
  const { app } = await buildTestApp(t, { applications })
  const options = draftOf({ name: 'both', key: 'GATEWAY_RATE_LIMITED', make: setId('spent and hasty') })
  const bodies = [await app.inject(options), await app.inject(options)].map(({ body }) => body)
  t.strictSame(bodies, [renderError('GATEWAY_QUOTA_EXCEEDED', 'nested').body, renderError('GATEWAY_RATE_LIMITED', 'nested').body])
})
