import t from 'tap'
import { buildTestApp } from '../helpers/build-app.ts'
import { call, RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const payload = writeWav(tone(440, 16_000))
const ID = 'x-ncp-apigw-api-key-id'
const KEY = 'x-ncp-apigw-api-key'
const type = { 'content-type': 'application/octet-stream' }
const MISSING = '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Authentication information are missing."}}'
const INVALID = '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Invalid authentication information."}}'
const applications = [{ clientId: 'id', clientSecret: 'right' }]

type Case = [name: string, headers: Record<string, string | string[]>, status: number, body: string, hint?: RegExp]

const cases: Case[] = [
  ['both right', { [ID]: 'id', [KEY]: 'right' }, 200, '{"text":"hello"}'],
  ['names in capitals', { 'X-NCP-APIGW-API-KEY-ID': 'id', 'X-NCP-APIGW-API-KEY': 'right' }, 200, '{"text":"hello"}'],
  ['none', {}, 401, MISSING, /^neither/],
  ['only the id', { [ID]: 'id' }, 401, MISSING, /api-key has no value$/],
  ['only the secret', { [KEY]: 'right' }, 401, MISSING, /api-key-id has no value$/],
  ['an empty secret', { [ID]: 'id', [KEY]: '' }, 401, MISSING],
  ['a blank id', { [ID]: '  ', [KEY]: 'right' }, 401, MISSING],
  ['a wrong secret', { [ID]: 'id', [KEY]: 'wrong' }, 401, INVALID],
  ['a secret that only begins right', { [ID]: 'id', [KEY]: 'righ' }, 401, INVALID],
  ['an unknown id', { [ID]: 'other', [KEY]: 'right' }, 401, INVALID],
  ['id and secret exchanged', { [ID]: 'right', [KEY]: 'id' }, 401, INVALID],
  ['a name that objects have', { [ID]: '__proto__', [KEY]: 'right' }, 401, INVALID]
]

t.test('with applications in the seed only their pairs are accepted', async (t) => {
  for (const [name, headers, status, body, hint] of cases) {
    await t.test(name, async (t) => {
      const { app, lines } = await buildTestApp(t, { applications })
      const response = await app.inject(call({ payload, headers: { ...type, ...headers } }))
      t.strictSame([response.statusCode, response.body], [status, body])
      if (hint) t.match(lines[0]?.['hint'], hint)
      t.notOk('www-authenticate' in response.headers)
      t.notMatch(JSON.stringify(lines), /right|wrong/, 'no secret in the log')
    })
  }
})

t.test('without applications any non-empty pair is accepted', async (t) => {
  const { app } = await buildTestApp(t)
  t.equal((await app.inject(call({ payload }))).statusCode, 200)
  t.equal((await app.inject(call({ payload, headers: { ...RIGHT_HEADERS, [KEY]: '' } }))).body, MISSING)
})
