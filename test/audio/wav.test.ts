import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import wavDecoder from 'wav-decoder'
import { readWavHeader, type WavHeader } from '../../src/audio/wav-header.ts'
import { decodePlainWav, isPlainWav } from '../../src/audio/wav.ts'
import { chunk, onEveryChannel, tone, writeWav, type WavOptions } from '../helpers/wav.ts'

const { signal } = new AbortController()

function headerOf (wav: Buffer): WavHeader {
  const reading = readWavHeader(wav)
  if ('problem' in reading) throw new TypeError(reading.problem)
  return reading.header
}

async function decode (samples: Int16Array, options: WavOptions = {}) {
  const wav = writeWav(samples, options)
  return decodePlainWav(wav, headerOf(wav), signal)
}

t.test('gives all 65536 values of 16 bits back', async t => {
  const samples = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
  t.strictSame(await decode(samples), { samples, durationMs: 4096 })
})

t.test('gives all 256 values of 8 bits as the upper half of 16', async t => {
  const samples = Int16Array.from({ length: 256 }, (_, index) => (index - 128) * 256)
  t.strictSame(await decode(samples, { encoding: 'u8' }), { samples, durationMs: 16 })
})

t.test('copies what wav-decoder would give', async t => {
  await fc.assert(fc.asyncProperty(fc.int16Array({ minLength: 1 }), async sound => {
    const wav = Uint8Array.from(writeWav(sound)).buffer
    const { channelData: [channel] } = wavDecoder.decode.sync(wav, { symmetric: true })
    return isDeepStrictEqual([...(await decode(sound)).samples], [...channel!].map(value => value * 32_768 || 0))
  }))
  t.pass()
})

t.test('mixes two channels to their mean', async t => {
  const rows = [
    { name: '16 bits', options: {}, input: [100, 200, -3, -4, 32_767, 32_767, -32_768, -32_768, -32_768, 32_767], expected: [150, -3, 32_767, -32_768, 0] },
    { name: '8 bits', options: { encoding: 'u8' as const }, input: [256, 512, -32_768, 32_512, 0, 0], expected: [384, -128, 0] }
  ]
  for (const { name, options, input, expected } of rows) {
    t.test(name, async t => {
      const { samples } = await decode(Int16Array.from(input), { ...options, channelCount: 2 })
      t.strictSame([...samples], expected)
    })
  }
})

t.test('gives any sound back, also in several slices and behind other chunks', async t => {
  const sounds = fc.int16Array({ minLength: 1, maxLength: 300 })
  await fc.assert(fc.asyncProperty(sounds, fc.boolean(), async (sound, hasChunk) => {
    const chunksBeforeData = hasChunk ? [chunk('LIST', Buffer.alloc(7))] : []
    const decoded = await decode(sound, { chunksBeforeData, chunksAfterData: chunksBeforeData })
    return isDeepStrictEqual(decoded, { samples: Int16Array.from(sound), durationMs: sound.length / 16 })
  }), { numRuns: 1000 })
  const long = Int16Array.from({ length: 70_001 }, (_, index) => index * 7919)
  t.strictSame(await decode(long), { samples: long, durationMs: 70_001 / 16 })
  t.strictSame(await decode(onEveryChannel(long, 2), { channelCount: 2 }), { samples: long, durationMs: 70_001 / 16 })
})

t.test('decodes 61 s of a longer file, and gives the duration of all', async t => {
  const { samples, durationMs } = await decode(tone(440, 62 * 16_000), { encoding: 'u8' })
  t.strictSame({ count: samples.length, durationMs }, { count: 976_000, durationMs: 62_000 })
})

t.test('stops between two slices when the signal aborts', async t => {
  const wav = writeWav(tone(440, 160_000), { encoding: 'u8' })
  const controller = new AbortController()
  const decoding = decodePlainWav(wav, headerOf(wav), controller.signal)
  controller.abort('gone')
  t.equal(await decoding.catch((reason: unknown) => reason), 'gone')
})

t.test('accepts only what needs neither trust nor resampling', async t => {
  const second = tone(440, 16_000)
  const header = headerOf(writeWav(second))
  const rows = [
    { name: '16 bits mono', input: header, expected: true },
    { name: '16 bits stereo', input: headerOf(writeWav(second, { channelCount: 2 })), expected: true },
    { name: '8 bits mono', input: headerOf(writeWav(second, { encoding: 'u8' })), expected: true },
    { name: 'RF64', input: headerOf(writeWav(second, { isRf64: true })), expected: true },
    { name: 'floating point', input: { ...header, formatTag: 3 }, expected: false },
    { name: 'EXTENSIBLE', input: headerOf(writeWav(second, { validBits: 16 })), expected: false },
    { name: '8 kHz', input: { ...header, sampleRateHertz: 8000 }, expected: false },
    { name: 'no channel', input: { ...header, channelCount: 0, blockBytes: 0 }, expected: false },
    { name: 'three channels', input: { ...header, channelCount: 3, blockBytes: 6, bytesPerSecond: 96_000 }, expected: false },
    { name: '24 bits', input: { ...header, bitsPerSample: 24, blockBytes: 3, bytesPerSecond: 48_000 }, expected: false },
    { name: 'a block that is too large', input: { ...header, blockBytes: 4, bytesPerSecond: 64_000 }, expected: false },
    { name: 'a byte rate that does not fit', input: { ...header, bytesPerSecond: 16_000 }, expected: false },
    { name: 'a size that is too large', input: headerOf(writeWav(second, { declaredDataBytes: 99_998 })), expected: false },
    { name: 'size 0', input: headerOf(writeWav(second, { declaredDataBytes: 0 })), expected: false },
    { name: 'half a sample at the end', input: headerOf(writeWav(second, { declaredDataBytes: 31_999 })), expected: false }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.equal(isPlainWav(input), expected) })
  }
})
