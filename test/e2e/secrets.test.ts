/** Client secrets, those of the seed and those that are sent, never reach the output. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli, startServerProcess } from '../helpers/server-process.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav } from './support/sounds.ts'
import { head, HOST_LINE, roundTrips, STT_LINE, TYPE_LINE } from './support/wire.ts'

/** Of the vendor's form; it stands in every file and every request of this test. */
const SECRET = 'Zq7TopSecretZq7TopSecretZq7TopSecretZq7x'

const BROKEN_SEEDS: Record<string, string> = {
  'no-blank-after-colon.yaml': `applications:\n  - clientId: a\n    clientSecret:${SECRET}\n`,
  'no-blank-in-braces.yaml': `applications: [{ clientId: a, clientSecret:${SECRET} }]`,
  'secret-as-tag.yaml': `applications:\n  - clientId: a\n    clientSecret: !${SECRET}\n`,
  'secret-as-alias.yaml': `applications:\n  - clientId: a\n    clientSecret: *${SECRET}\n`,
  'secret-as-anchor.yaml': `applications:\n  - clientId: a\n    clientSecret: &${SECRET}\n`,
  'secret-as-directive.yaml': `%${SECRET}\n---\napplications: [{}]\n`,
  'secret-as-reserved.yaml': `applications:\n  - clientId: a\n    clientSecret: @${SECRET}\n`,
  'open-quote.yaml': `applications:\n  - clientId: a\n    clientSecret: "${SECRET}\n`,
  'twice.yaml': `applications:\n  - clientId: a\n    clientSecret: ${SECRET}\n    clientSecret: ${SECRET}\n`,
  'collection-as-name.yaml': `applications:\n  - clientId: a\n    ? [${SECRET}]\n    : 1\n`,
  'text-only.yaml': SECRET,
  'no-list.yaml': `applications:\n  a: ${SECRET}\n`,
  'no-comma.json': `{"applications":[{"clientId":"a","clientSecret":"${SECRET}" "state":"active"}]}`,
  'cut-off.json': `{"applications":[{"clientId":"a","clientSecret":"${SECRET}`,
  'text-only.json': SECRET,
  'swapped.json': `{"applications":[{"clientId":"a","${SECRET}":"clientSecret"}]}`,
  'unknown-state.json': `{"applications":[{"clientId":"a","clientSecret":"${SECRET}","state":"${SECRET}"}]}`,
  'wrong-rate.json': `{"applications":[{"clientId":"a","clientSecret":"${SECRET}","ratePerSecond":"${SECRET}"}]}`,
  'unknown-field.json': `{"applications":[{"clientId":"a","clientSecret":"${SECRET}","colour":"${SECRET}"}]}`,
  'list-of-text.json': `{"applications":["${SECRET}"]}`
}

t.test('a seed with errors is refused without quoting it', async (t) => {
  const folder = t.testdir(BROKEN_SEEDS)
  for (const name of readdirSync(folder)) {
    const { code, stdout, stderr } = await runCli(['--port', '0', '--seed', join(folder, name)])
    t.equal(code, 2, `${name}: refused`)
    t.notOk((stdout + stderr).includes(SECRET), `${name}: not quoted`, { stderr })
    t.match(stderr, /^csr-emulator: CSR_SEED: /, `${name}: says where to look`)
    t.notMatch(stderr, /\n(?!csr-emulator: )./, `${name}: no line of others`)
  }
})

t.test('a seed in place of its path is refused without quoting it', async (t) => {
  const seed = JSON.stringify({ applications: [{ clientId: 'a', clientSecret: SECRET }] })
  for (const [args, env] of [[['--seed', seed], {}], [[], { CSR_SEED: seed }]] as const) {
    const { code, stdout, stderr } = await runCli(['--port', '0', ...args], env)
    t.equal(code, 2, 'refused')
    t.notOk((stdout + stderr).includes(SECRET), 'not quoted', { stderr })
  }
})

const ID = 'X-NCP-APIGW-API-KEY-ID'
const KEY = 'X-NCP-APIGW-API-KEY'
const sttWith = (query: string) => `POST /recog/v1/stt?lang=Eng&${query} HTTP/1.1`

/** Right calls and every mistake that puts a secret where it does not belong. */
const REQUESTS: readonly [name: string, requestLine: string, ...headers: string[]][] = [
  ['right', STT_LINE, `${ID}: a`, `${KEY}: ${SECRET}`],
  ['unknown application', STT_LINE, `${ID}: nobody`, `${KEY}: ${SECRET}`],
  ['a piece too long', STT_LINE, `${ID}: a`, `${KEY}: ${SECRET}${SECRET}`],
  ['the secret under the name of the id', STT_LINE, `${ID}: ${SECRET}`],
  ['the name of the id twice', STT_LINE, `${ID}: a`, `${ID}: ${SECRET}`],
  ['swapped', STT_LINE, `${ID}: ${SECRET}`, `${KEY}: a`],
  ['in another header', STT_LINE, `Authorization: Bearer ${SECRET}`],
  ['in the query', sttWith(`${KEY}=${SECRET}`)],
  ['in the query of an unknown path', `GET /stt?key=${SECRET} HTTP/1.1`],
  ['in the query of a path that cannot be decoded', `GET /stt%?key=${SECRET} HTTP/1.1`],
  ['in the fragment', `POST /stt#${SECRET} HTTP/1.1`],
  ['in the query of the control API', `GET /_emulator/none?key=${SECRET} HTTP/1.1`],
  ['as user information', `POST http://a:${SECRET}@localhost/recog/v1/stt HTTP/1.1`],
  ['in a header that is none', STT_LINE, `${KEY} ${SECRET}`],
  ['with a control character', STT_LINE, `${ID}: a`, `${KEY}: ${SECRET}\x01`],
  ['as a method', `${SECRET} / HTTP/1.1`],
  ['as a content type', STT_LINE, `${ID}: a`, `${KEY}: ${SECRET}`, `Content-Type: multipart/form-data; boundary=${SECRET}`]
]

for (const hasSeed of [true, false]) {
  t.test(`what is sent is not logged, ${hasSeed ? 'with' : 'without'} a seed`, async (t) => {
    const seed = join(t.testdir(), 'seed.json')
    writeFileSync(seed, JSON.stringify({ applications: [{ clientId: 'a', clientSecret: SECRET }] }))
    const { port, url, output, stop } = await startServerProcess(t, [
      '--log-level', 'debug', ...hasSeed ? ['--seed', seed] : []
    ], { shouldWaitUntilReady: true })
    const body = helloWav()
    for (const [name, requestLine, ...headers] of REQUESTS) {
      // Without a seed any pair is taken, so the swapped id is the application's name as far as anyone can tell.
      if (name === 'swapped' && !hasSeed) continue
      const lengthBefore = output().length
      const connection = await connectTo(t, port)
      const lines = [HOST_LINE, ...headers, TYPE_LINE, `Content-Length: ${body.length}`]
      connection.write(Buffer.concat([Buffer.from(head(requestLine, ...lines)), body])).catch(() => {})
      const { body: answer } = await connection.readAnswer()
      t.notOk(answer.includes(SECRET), `${name}: not in the answer`)
      connection.destroy()
      await roundTrips(url)
      t.notOk(output().slice(lengthBefore).includes(SECRET), `${name}: not in the log`)
    }
    await stop()
    t.ok(output().includes('"clientId":"a"'), 'there was something to log')
    const leaks = output().split('\n').filter((line) => line.includes(SECRET))
    t.strictSame(leaks, [], 'not in the output to the end')
  })
}
