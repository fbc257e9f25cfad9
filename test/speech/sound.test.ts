import t from 'tap'
import { createHash } from 'node:crypto'
import type { AudioDecoder, Decoded } from '../../src/audio/decode.ts'
import { ApiError } from '../../src/errors/api-error.ts'
import { createSoundReader } from '../../src/speech/sound.ts'

const never = new AbortController().signal
const facts = { container: 'wav', encoding: 'pcm_s16le', sampleRateHertz: 16_000, channelCount: 1 }
const turn = () => new Promise(setImmediate)

/** What a body decodes to here: its bytes as samples. */
const samplesOf = (body: Buffer) => Int16Array.from(body)
const digestOf = (body: Buffer) => createHash('sha256').update(Buffer.from(samplesOf(body).buffer)).digest('hex')

/** Decodes at once, or when the test lets it; notes every decoding. */
function createDecoder () {
  const bodies: Buffer[] = []
  const held: (() => void)[] = []
  const signals: AbortSignal[] = []
  const state = { isHeld: false }
  const decoder: AudioDecoder = {
    async decode (body, signal): Promise<Decoded> {
      bodies.push(body)
      signals.push(signal)
      if (state.isHeld) await new Promise<void>((resolve) => { held.push(resolve) })
      signal.throwIfAborted()
      if (body.length === 0) throw new ApiError('STT_DECODE_FAILED')
      return { pcm: { samples: samplesOf(body), durationMs: body.length }, facts, paddingMs: 3 }
    },
    close: async () => {}
  }
  return { decoder, bodies, held, signals, state }
}

const createReader = (maxBytes = 1_000_000) => {
  const parts = createDecoder()
  return { ...parts, reader: createSoundReader(parts.decoder, { maxBytes }) }
}

t.test('a sound has its facts and the digest of its samples', async (t) => {
  const { reader } = createReader()
  const body = Buffer.from('abc')
  const { takePcm, ...known } = await reader.read(body, never)
  t.strictSame(known, { durationMs: 3, paddingMs: 3, facts, digest: digestOf(body) })
  t.strictSame(await takePcm(never), { samples: samplesOf(body), durationMs: 3 })
})

t.test('the digest is that of little-endian numbers of 16 bits', async (t) => {
  const { reader } = createReader()
  const { digest } = await reader.read(Buffer.from([1, 255]), never)
  t.equal(digest, createHash('sha256').update(Buffer.from('0100ff00', 'hex')).digest('hex'))
})

t.test('a body that was seen is decoded again only for its samples', async (t) => {
  const { reader, bodies } = createReader()
  const first = await reader.read(Buffer.from('abc'), never)
  const again = await reader.read(Buffer.from('abc'), never)
  t.equal(bodies.length, 1)
  t.strictSame(
    [again.digest, again.durationMs, again.paddingMs, again.facts],
    [first.digest, first.durationMs, first.paddingMs, first.facts]
  )
  t.strictSame((await again.takePcm(never)).samples, samplesOf(Buffer.from('abc')))
  t.equal(bodies.length, 2)
  await reader.read(Buffer.from('abd'), never)
  t.equal(bodies.length, 3, 'another body')
})

t.test('samples are given away once; the next taker waits for others', async (t) => {
  const { reader, bodies } = createReader()
  const sound = await reader.read(Buffer.from('abc'), never)
  const [one, two] = [await sound.takePcm(never), await sound.takePcm(never)]
  t.equal(bodies.length, 2)
  t.not(one.samples.buffer, two.samples.buffer)
  t.strictSame(one, two)
})

t.test('the same body at the same time is decoded once, and one of the calls gets its samples', async (t) => {
  const { reader, bodies, held, state } = createReader()
  state.isHeld = true
  const reads = Array.from({ length: 5 }, () => reader.read(Buffer.from('abc'), never))
  await turn()
  t.equal(held.length, 1)
  state.isHeld = false
  held[0]!()
  const sounds = await Promise.all(reads)
  t.equal(bodies.length, 1)
  const taken = await Promise.all(sounds.map(({ takePcm }) => takePcm(never)))
  t.equal(new Set(taken.map(({ samples }) => samples.buffer)).size, 5)
  t.equal(bodies.length, 5)
})

t.test('one of them may leave; when all have left, decoding is aborted', async (t) => {
  const { reader, held, signals, state } = createReader()
  state.isHeld = true
  const callers = Array.from({ length: 3 }, () => new AbortController())
  const reads = callers.map(({ signal }) => reader.read(Buffer.from('abc'), signal).catch((error: unknown) => error))
  await turn()
  callers[0]!.abort('first gone')
  t.equal(await reads[0], 'first gone')
  t.notOk(signals[0]!.aborted)
  callers[1]!.abort('second gone')
  callers[2]!.abort('third gone')
  t.ok(signals[0]!.aborted)
  t.strictSame(await Promise.all(reads), ['first gone', 'second gone', 'third gone'])
  held[0]!()
  state.isHeld = false
  t.match(await reader.read(Buffer.from('abc'), never), { durationMs: 3 }, 'and the next one is decoded anew')
})

t.test('what cannot be decoded is not remembered, and all who wait are told', async (t) => {
  const { reader, bodies } = createReader()
  const read = () => reader.read(Buffer.alloc(0), never).catch(({ key }: ApiError) => key)
  t.strictSame(await Promise.all([read(), read()]), ['STT_DECODE_FAILED', 'STT_DECODE_FAILED'])
  t.equal(bodies.length, 1)
  t.equal(await read(), 'STT_DECODE_FAILED')
  t.equal(bodies.length, 2)
})

t.test('taking samples ends with the caller', async (t) => {
  const { reader } = createReader()
  const sound = await reader.read(Buffer.from('abc'), never)
  await t.rejects(sound.takePcm(AbortSignal.abort(new RangeError('gone'))), { message: 'gone' })
  t.strictSame((await sound.takePcm(never)).samples, samplesOf(Buffer.from('abc')))
})

t.test('without memory every call is decoded, also at the same time', async (t) => {
  const { reader, bodies } = createReader(0)
  await Promise.all(Array.from({ length: 3 }, () => reader.read(Buffer.from('abc'), never)))
  await reader.read(Buffer.from('abc'), never)
  t.equal(bodies.length, 4)
})

t.test('what is remembered is bounded', async (t) => {
  const { reader, bodies } = createReader(1_350)
  const read = async (text: string) => { await reader.read(Buffer.from(text), never) }
  for (const text of ['a', 'b', 'c', 'a', 'd']) await read(text)
  t.equal(bodies.length, 4)
  await read('a')
  t.equal(bodies.length, 4, 'used not long ago')
  await read('b')
  t.equal(bodies.length, 5, 'forgotten')
})
