/** Same sound, same text: what a call costs when its sound was sent before. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAudioDecoder, type AudioDecoder } from '../../src/audio/decode.ts'
import type { Recognizer } from '../../src/speech/recognizer.ts'
import { loadLockfile, openLockfile, type LockfileMode } from '../../src/speech/transcript-lockfile.ts'
import { buildTestApp, type TestAppOptions } from '../helpers/build-app.ts'
import { call, RIGHT_HEADERS } from '../helpers/calls.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const samples = tone(440, 16_000)
const second = writeWav(samples)
/** The same samples in another file. */
const sameSound = writeWav(samples, { isRf64: true })
const otherSound = writeWav(tone(880, 16_000))

const NOT_RECOGNIZED = '{"error":{"errorCode":"STT998","message":"Failed to STT"}}'

type Test = Parameters<typeof buildTestApp>[0]

/** An app that counts what it does; its recogniser numbers its answers. */
async function build (t: Test, options: TestAppOptions = {}, isHeld = false) {
  const real = createAudioDecoder({ childCount: 1, queueLength: 16 })
  const decoded: Buffer[] = []
  const recognized: string[] = []
  const held: (() => void)[] = []
  const decoder: AudioDecoder = {
    ...real,
    decode (body, signal) {
      decoded.push(body)
      return real.decode(body, signal)
    }
  }
  const recognizer: Partial<Recognizer> = {
    async recognize (pcm, language) {
      // As the worker threads do: whoever looks at the samples afterwards finds none.
      structuredClone(pcm.samples, { transfer: [pcm.samples.buffer] })
      recognized.push(language)
      const text = `text ${recognized.length}`
      if (isHeld) await new Promise<void>((resolve) => { held.push(resolve) })
      return [text]
    }
  }
  const testApp = await buildTestApp(t, { decoder, recognizer, ...options })
  const send = async (payload: Buffer, lang = 'Eng') =>
    (await testApp.app.inject(call({ url: `/recog/v1/stt?lang=${lang}`, payload }))).body
  const sources = () => testApp.lines.map((line) => line['source'])
  return { ...testApp, decoded, recognized, held, send, sources }
}

async function openAt (path: string, mode: LockfileMode) {
  const reading = await loadLockfile(path, mode)
  if ('problems' in reading) throw new Error(reading.problems.join())
  return openLockfile({ path, mode, loaded: reading.loaded, onProblem: () => {}, schedule: () => {} })
}

t.test('a body that comes again is neither decoded nor recognised', async (t) => {
  const { send, decoded, recognized, sources, lines } = await build(t)
  t.strictSame([await send(second), await send(second)], ['{"text":"text 1"}', '{"text":"text 1"}'])
  t.strictSame([decoded.length, recognized.length, sources()], [1, 1, ['recognized', 'cache']])
  t.strictSame([lines[1]?.['audio'], lines[1]?.['audioSha256']], [lines[0]?.['audio'], lines[0]?.['audioSha256']])
  t.equal(await send(otherSound), '{"text":"text 2"}')
})

t.test('the same sound in another file has the same text', async (t) => {
  const { send, decoded, recognized, sources, lines } = await build(t)
  t.strictSame([await send(second), await send(sameSound)], ['{"text":"text 1"}', '{"text":"text 1"}'])
  t.strictSame([decoded.length, recognized.length, sources()], [2, 1, ['recognized', 'cache']])
  t.equal(lines[0]?.['audioSha256'], lines[1]?.['audioSha256'])
})

t.test('another language is another question', async (t) => {
  const { send, decoded, recognized } = await build(t)
  t.strictSame(
    [await send(second), await send(second, 'Kor'), await send(second, 'Kor'), await send(second)],
    ['{"text":"text 1"}', '{"text":"text 2"}', '{"text":"text 2"}', '{"text":"text 1"}']
  )
  t.strictSame([decoded.length, recognized], [2, ['eng', 'kor']], 'decoded again, for the samples were given away')
})

t.test('CSR_CACHE_BYTES=0 does everything anew', async (t) => {
  const { send, decoded, recognized, sources } = await build(t, { env: { CSR_CACHE_BYTES: '0' } })
  t.strictSame(await Promise.all([send(second), send(second)]), ['{"text":"text 1"}', '{"text":"text 2"}'])
  t.equal(await send(second), '{"text":"text 3"}')
  t.strictSame([decoded.length, recognized.length], [3, 3])
  t.strictSame(sources(), ['recognized', 'recognized', 'recognized'])
})

t.test('a length that is refused is refused again, without decoding', async (t) => {
  const { send, decoded } = await build(t)
  const short = writeWav(tone(440, 160))
  const tooShort = '{"error":{"errorCode":"STT007","message":"Too Short Sound Data"}}'
  t.strictSame([await send(short), await send(short)], [tooShort, tooShort])
  t.equal(decoded.length, 1)
})

t.test('twenty calls at once are one recognition; all get the same bytes', async (t) => {
  const { send, decoded, recognized, held, sources } = await build(t, {}, true)
  const calls = Array.from({ length: 20 }, () => send(second))
  while (held.length === 0) await new Promise(setImmediate)
  held[0]!()
  t.strictSame([...new Set(await Promise.all(calls))], ['{"text":"text 1"}'])
  t.strictSame([decoded.length, recognized.length], [1, 1])
  t.strictSame(sources().sort(), ['recognized', ...Array.from({ length: 19 }, () => 'shared')])
})

t.test('who leaves in the middle takes nothing from the others', async (t) => {
  const { app, send, decoded, recognized, held, lines } = await build(t, {}, true)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  // The one that leaves is the one for which the work was begun.
  const leaving = new AbortController()
  const left = fetch(`${url}/recog/v1/stt?lang=Eng`, {
    method: 'POST', headers: RIGHT_HEADERS, body: second, signal: leaving.signal
  }).catch((error: Error) => error.name)
  while (held.length === 0) await new Promise(setImmediate)
  const calls = Array.from({ length: 5 }, () => send(second))
  await new Promise(setImmediate)
  leaving.abort()
  t.equal(await left, 'AbortError')
  while (!lines.some(({ msg }) => String(msg).includes('the client has gone'))) await new Promise(setImmediate)
  held[0]!()
  t.strictSame([...new Set(await Promise.all(calls))], ['{"text":"text 1"}'])
  t.strictSame([decoded.length, recognized.length], [1, 1])
  t.equal(lines.filter(({ source }) => source === 'shared').length, 5)
})

t.test('a text that is known costs as much of the quota as any other', async (t) => {
  const application = { clientId: 'test-id', clientSecret: 'test-secret', dailyQuotaSeconds: 45 }
  const { send, recognized } = await build(t, { applications: [application] })
  const answers = [await send(second), await send(second), await send(second), await send(second)]
  t.strictSame(answers.slice(0, 3), Array.from({ length: 3 }, () => '{"text":"text 1"}'))
  t.match(answers[3], 'Quota exceeded')
  t.equal(recognized.length, 1)
})

t.test('update writes the lockfile, strict answers from it alone, in the same bytes', async (t) => {
  const path = join(t.testdir({}), 'transcripts.jsonl')
  const writing = await openAt(path, 'update')
  const first = await build(t, { lockfile: writing })
  const answers = [await first.send(second), await first.send(otherSound), await first.send(sameSound)]
  t.strictSame(first.sources(), ['recognized', 'recognized', 'lockfile'])
  await writing.close()
  const written = readFileSync(path, 'utf8')
  t.strictSame(written.trim().split('\n').map((line) => JSON.parse(line) as object).length, 2)
  for (const line of first.lines) t.ok(written.includes(`"audio":"${line['audioSha256']}"`), 'a line of the log names its line')

  const asked = () => { throw new Error('nobody is asked') }
  for (const cacheBytes of ['0', '16777216']) {
    const lockfile = await openAt(path, 'strict')
    const again = await build(t, {
      lockfile, recognizer: { recognize: asked, identityOf: asked }, env: { CSR_CACHE_BYTES: cacheBytes }
    })
    t.strictSame([await again.send(second), await again.send(otherSound), await again.send(sameSound)], answers)
    t.strictSame(again.sources(), ['lockfile', 'lockfile', 'lockfile'])
    t.equal(await again.send(second, 'Kor'), NOT_RECOGNIZED)
    t.match(again.lines.at(-1), {
      code: 'STT998',
      hint: /^the sound [0-9a-f]{12}… \(kor\) is not in transcripts\.jsonl and CSR_TRANSCRIPTS_MODE=strict: run once with/
    })
  }
})
