/** One sentence in every encoding of docs/formats.md, through the running server: one text. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createEncoder } from '../../src/kit/encoder.ts'
import { startServerProcess, type LogLine, type ServerProcess } from '../helpers/server-process.ts'
import { LIGHT, NOT_DECODED } from './support/answers.ts'
import { encode, ENCODINGS, UNLISTED_ENCODINGS, type Encoding } from './support/encodings.ts'

t.setTimeout(300_000)

const encoder = createEncoder()
t.teardown(() => encoder.close())
// Every call is to be decoded and recognised for itself.
const CACHE_OFF = { CSR_CACHE_BYTES: '0' }

interface LoggedCall extends LogLine {
  audio?: { container: string, encoding: string, sampleRateHertz?: number, channelCount?: number, durationMs: number }
  audioSha256?: string
  hint?: string
}

/** The answer, and the line of the log that tells of it. */
async function send (server: ServerProcess, body: Buffer) {
  const response = await fetch(`${server.url}/recog/v1/stt?lang=Eng`, {
    method: 'POST',
    headers: {
      'x-ncp-apigw-api-key-id': 'id',
      'x-ncp-apigw-api-key': 'secret',
      'content-type': 'application/octet-stream'
    },
    body: new Uint8Array(body)
  })
  const answer = { status: response.status, body: await response.text() }
  const traceId = response.headers.get('x-ncp-trace-id')
  const logged: LoggedCall = await server.waitForLine((line) => line['traceId'] === traceId)
  return { answer, logged }
}

function factsOf ({ container, encoding, sampleRateHertz, channelCount }: Encoding) {
  return { container, encoding, ...sampleRateHertz && { sampleRateHertz }, ...channelCount && { channelCount } }
}

t.test('each documented format in each of its encodings gives the same text', async (t) => {
  const server = await startServerProcess(t, [], { shouldWaitUntilReady: true, env: CACHE_OFF })
  const digests = new Map<string, string | undefined>()
  for (const encoding of ENCODINGS) {
    const { answer, logged } = await send(server, await encode(encoder, encoding))
    t.strictSame(answer, LIGHT, encoding.name)
    t.hasStrict(logged.audio, factsOf(encoding), `${encoding.name}: facts in the log`)
    const addedMs = (logged.audio?.durationMs ?? NaN) - 2490
    t.ok(addedMs >= -0.1 && addedMs <= 200, `${encoding.name}: ${addedMs.toFixed(2)} ms longer than the recording`)
    digests.set(encoding.name, logged.audioSha256)
  }
  const lossless = ['WAV, 16 bits', 'WAV without sizes, as a pipe leaves it', 'WAV, float of 64 bits', 'Ogg FLAC', 'FLAC']
  t.equal(new Set(lossless.map((name) => digests.get(name))).size, 1, 'what is not changed by its encoding is one sound')
})

t.test('what CSR does not list is refused, with what to send instead', async (t) => {
  const server = await startServerProcess(t)
  for (const encoding of UNLISTED_ENCODINGS) {
    const { answer, logged } = await send(server, await encode(encoder, encoding))
    t.strictSame(answer, NOT_DECODED, encoding.name)
    t.match(logged.hint, /which CSR does not list: send MP3, AAC \(ADTS\), AC3, OGG, FLAC or WAV; "ffmpeg -i in\./)
  }
})

t.test('M4A and WebM are decoded when the setting says so', async (t) => {
  const env = { ...CACHE_OFF, CSR_ACCEPT_M4A_WEBM: 'true' }
  const server = await startServerProcess(t, [], { shouldWaitUntilReady: true, env })
  for (const encoding of UNLISTED_ENCODINGS) {
    const { answer, logged } = await send(server, await encode(encoder, encoding))
    t.strictSame(answer, LIGHT, encoding.name)
    t.hasStrict(logged.audio, factsOf(encoding), `${encoding.name}: facts in the log`)
  }
})

t.test('docs/formats.md lists just these', async (t) => {
  const page = readFileSync(new URL('../../docs/formats.md', import.meta.url), 'utf8')
  const listed = page.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split(' | ')[0]?.slice(2))
  for (const { name } of [...ENCODINGS, ...UNLISTED_ENCODINGS]) t.ok(listed.includes(name), name)
  t.equal(listed.length, ENCODINGS.length + UNLISTED_ENCODINGS.length + 4, 'and two heads with their lines')
})
