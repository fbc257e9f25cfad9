import fc from 'fast-check'
import t from 'tap'
import { createAudioDecoder } from '../../src/audio/decode.ts'
import { AAC, framesOf } from '../helpers/frames.ts'
import { chunk, onEveryChannel, tone, writeWav, type WavOptions } from '../helpers/wav.ts'

const { signal } = new AbortController()
const decoder = createAudioDecoder({ childCount: 1, queueLength: 0, timeoutMs: 20_000 })
t.teardown(() => decoder.close())
// A child takes seconds to start where the machine is busy and the loader has to compile it.
t.setTimeout(120_000)

/** Everything of an answer that is not a sample; an error's key and reason. */
async function outcomeOf (bytes: Buffer) {
  try {
    const { pcm: { samples, durationMs }, facts } = await decoder.decode(bytes, signal)
    return { sampleCount: samples.length, durationMs, facts }
  } catch (error) {
    const { key, reason } = error as { key?: string, reason?: string }
    return key === undefined ? error : { key, reason }
  }
}

/** How much the difference from what was sent lies below the sound. */
function noiseRatio (samples: Int16Array, sent: Int16Array): number {
  let noise = 0
  let sound = 0
  for (const [index, value] of sent.entries()) {
    noise += (value - samples[index]!) ** 2
    sound += value ** 2
  }
  return 10 * Math.log10(sound / Math.max(noise, 1e-9))
}

const second = tone(440, 16_000)

t.test('decodes every encoding to the sound that was encoded', async t => {
  interface Row { name: string, input: WavOptions, encoding: string, minDecibels: number, sampleCount?: number }
  const rows: Row[] = [
    { name: '8 bits', input: { encoding: 'u8' }, encoding: 'pcm_u8', minDecibels: 39 },
    { name: '16 bits', input: {}, encoding: 'pcm_s16le', minDecibels: 150 },
    { name: '24 bits', input: { encoding: 's24' }, encoding: 'pcm_s24le', minDecibels: 90 },
    { name: '32 bits', input: { encoding: 's32' }, encoding: 'pcm_s32le', minDecibels: 90 },
    { name: 'float 32', input: { encoding: 'f32' }, encoding: 'pcm_f32le', minDecibels: 90 },
    { name: 'float 64', input: { encoding: 'f64' }, encoding: 'pcm_f64le', minDecibels: 90 },
    { name: 'A-law', input: { encoding: 'alaw' }, encoding: 'pcm_alaw', minDecibels: 36 },
    { name: 'mu-law', input: { encoding: 'mulaw' }, encoding: 'pcm_mulaw', minDecibels: 36 },
    { name: 'IMA ADPCM', input: { encoding: 'ima' }, encoding: 'adpcm_ima_wav', minDecibels: 25, sampleCount: 32 * 505 },
    { name: 'MS ADPCM', input: { encoding: 'ms' }, encoding: 'adpcm_ms', minDecibels: 25, sampleCount: 32 * 500 },
    { name: 'EXTENSIBLE, 16 bits', input: { validBits: 16 }, encoding: 'pcm_s16le', minDecibels: 150 },
    { name: 'EXTENSIBLE, 24 valid bits in 32', input: { encoding: 's32', validBits: 24 }, encoding: 'pcm_s32le', minDecibels: 90 },
    { name: 'EXTENSIBLE, 24 bits', input: { encoding: 's24', validBits: 24 }, encoding: 'pcm_s24le', minDecibels: 90 },
    { name: 'EXTENSIBLE, float', input: { encoding: 'f32', validBits: 32 }, encoding: 'pcm_f32le', minDecibels: 90 },
    { name: 'a chunk of an odd size before the data', input: { chunksBeforeData: [chunk('LIST', Buffer.alloc(5))], encoding: 's24' }, encoding: 'pcm_s24le', minDecibels: 90 },
    { name: 'RF64', input: { isRf64: true, encoding: 's24' }, encoding: 'pcm_s24le', minDecibels: 90 },
    { name: 'size 0', input: { declaredDataBytes: 0 }, encoding: 'pcm_s16le', minDecibels: 150 },
    { name: 'size 0xffffffff', input: { declaredDataBytes: 0xffff_ffff }, encoding: 'pcm_s16le', minDecibels: 150 },
    { name: 'a size that is too large', input: { declaredDataBytes: 320_000 }, encoding: 'pcm_s16le', minDecibels: 150 }
  ]
  for (const { name, input, encoding, minDecibels, sampleCount = 16_000 } of rows) {
    for (const channelCount of [1, 2]) {
      t.test(`${name}, ${channelCount} channels`, async t => {
        const wav = writeWav(onEveryChannel(second, channelCount), { ...input, channelCount })
        const { pcm: { samples, durationMs }, facts } = await decoder.decode(wav, signal)
        t.strictSame(
          { sampleCount: samples.length, durationMs, facts },
          { sampleCount, durationMs: sampleCount / 16, facts: { container: 'wav', encoding, sampleRateHertz: 16_000, channelCount } }
        )
        const ratio = noiseRatio(samples, second)
        t.ok(ratio >= minDecibels, `noise at -${ratio.toFixed(1)} dB`)
      })
    }
  }
})

t.test('gives the exact duration', async t => {
  const ima = writeWav(second, { encoding: 'ima' })
  const imaThatDoesNotSay = Buffer.concat([ima.subarray(0, 36), ima.subarray(40)])
  imaThatDoesNotSay.writeUInt32LE(16, 16)
  const imaThatLies = Buffer.from(ima)
  imaThatLies.writeUInt16LE(5, 38)
  const rows = [
    { name: '60 s at 44.1 kHz', input: writeWav(new Int16Array(2_646_000), { encoding: 'u8', sampleRateHertz: 44_100 }), expected: { sampleCount: 960_000, durationMs: 60_000 } },
    { name: '60 s and a frame at 16 kHz', input: writeWav(new Int16Array(960_001), {}), expected: { sampleCount: 960_001, durationMs: 60_000.0625 } },
    {
      name: 'a frame more than a second at 22.05 kHz',
      input: writeWav(new Int16Array(22_051), { sampleRateHertz: 22_050 }),
      expected: { sampleCount: 16_001, durationMs: 22_051_000 / 22_050 }
    },
    { name: '400 ms at 44.1 kHz', input: writeWav(tone(440, 17_640), { sampleRateHertz: 44_100 }), expected: { sampleCount: 6400, durationMs: 400 } },
    { name: '400 ms at 16 kHz', input: writeWav(tone(440, 6400)), expected: { sampleCount: 6400, durationMs: 400 } },
    { name: '70 s of plain WAV', input: writeWav(new Int16Array(1_120_000)), expected: { sampleCount: 976_000, durationMs: 70_000 } },
    { name: '70 s at 8 kHz, of which one is decoded to see that it can be', input: writeWav(new Int16Array(560_000), { encoding: 'u8', sampleRateHertz: 8000 }), expected: { sampleCount: 16_000, durationMs: 70_000 } },
    { name: '70 s of ADPCM, which may lie about its blocks', input: writeWav(new Int16Array(560_000), { encoding: 'ima', sampleRateHertz: 8000 }), expected: { sampleCount: 976_000, durationMs: 61_000 } },
    { name: 'seven samples, less than the filter is long', input: writeWav(tone(440, 7, 22_050), { sampleRateHertz: 22_050 }), expected: { sampleCount: 0, durationMs: 7000 / 22_050 } },
    { name: 'blocks of a size that the header does not say', input: imaThatDoesNotSay, expected: { sampleCount: 16_160, durationMs: 1010 } },
    { name: 'a cut in mid-sample', input: writeWav(second).subarray(0, 44 + 8001), expected: { sampleCount: 4000, durationMs: 250 } },
    { name: 'blocks of a size that is a lie', input: imaThatLies, expected: { sampleCount: 16_160, durationMs: 1010 } },
    { name: 'silence', input: writeWav(new Int16Array(16_000)), expected: { sampleCount: 16_000, durationMs: 1000 } }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => {
      const { sampleCount, durationMs } = await outcomeOf(input) as typeof expected
      t.strictSame({ sampleCount, durationMs }, expected)
    })
  }
})

t.test('gives the duration to the sample at any rate, and as many samples', async () => {
  const rate = fc.integer({ min: 4000, max: 192_000 })
  await fc.assert(fc.asyncProperty(rate, fc.integer({ min: 50, max: 1000 }), async (sampleRateHertz, durationMs) => {
    const frameCount = Math.ceil(durationMs * sampleRateHertz / 1000)
    const { pcm } = await decoder.decode(writeWav(new Int16Array(frameCount), { sampleRateHertz }), signal)
    return Math.abs(pcm.durationMs - frameCount * 1000 / sampleRateHertz) <= 1 / 16 &&
      Math.abs(pcm.samples.length - frameCount * 16_000 / sampleRateHertz) <= 2
  }), { numRuns: 30 })
})

t.test('says why nothing was decoded', async t => {
  const atRate = (sampleRateHertz: number): Buffer => writeWav(second, { sampleRateHertz })
  const withChannels = (count: number): Buffer => {
    const wav = writeWav(second)
    wav.writeUInt16LE(count, 22)
    return wav
  }
  const rows = [
    { name: 'text', input: Buffer.from('sample.wav'), expected: 'the body is text, perhaps the name of a file: send the bytes of the file' },
    { name: 'a header alone', input: writeWav(second).subarray(0, 36), expected: 'the WAV file has no data chunk' },
    { name: 'no data', input: writeWav(new Int16Array(0)), expected: 'no sample could be decoded: the decoder says nothing' },
    { name: '999 Hz', input: atRate(999), expected: 'a sample rate of 999 Hz is not decoded: 1000 to 384000 Hz are' },
    { name: '384001 Hz', input: atRate(384_001), expected: 'a sample rate of 384001 Hz is not decoded: 1000 to 384000 Hz are' },
    { name: 'no channel', input: withChannels(0), expected: '0 channels are not decoded: 1 to 8 are' },
    { name: '9 channels', input: withChannels(9), expected: '9 channels are not decoded: 1 to 8 are' }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.strictSame(await outcomeOf(input), { key: 'STT_DECODE_FAILED', reason: expected }) })
  }
})

t.test('refuses what cannot be decoded before it is found too long', async t => {
  // Whole frames that follow each other for a quarter of an hour, and nothing but zeros in them.
  const { key, reason } = await outcomeOf(framesOf(AAC, 15_000)) as { key?: string, reason?: string }
  t.equal(key, 'STT_DECODE_FAILED')
  t.match(reason, /^no sample could be decoded: /)
})

t.test('does not change the bytes that it is given', async t => {
  const wav = writeWav(second, { encoding: 's32', validBits: 24 })
  const before = Buffer.from(wav)
  await decoder.decode(wav, signal)
  t.ok(wav.equals(before))
})

t.test('does not begin for a client that has gone', async t => {
  const reason = await decoder.decode(writeWav(second), AbortSignal.abort('gone')).catch((reason: unknown) => reason)
  t.equal(reason, 'gone')
})

t.test('either decodes or says STT_DECODE_FAILED, for any file', async t => {
  const bases = [
    writeWav(second.subarray(0, 2000), { sampleRateHertz: 22_050 }), writeWav(second.subarray(0, 2000), { encoding: 's32', validBits: 24 }),
    writeWav(second.subarray(0, 2000), { encoding: 'ms' }), writeWav(second.subarray(0, 2000), { encoding: 'ima', channelCount: 2 }),
    writeWav(second.subarray(0, 2000))
  ]
  const values = fc.uint8Array({ minLength: 1, maxLength: 6 })
  const mutated = fc.tuple(fc.constantFrom(...bases), fc.nat(70), values, fc.boolean())
    .map(([base, offset, values, shouldCut]) => {
      const copy = Buffer.from(shouldCut ? base.subarray(0, 1000) : base)
      copy.set(values, offset)
      return copy
    })
  const anything = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
  const outcomes = new Set<string>()
  const files = fc.oneof({ weight: 5, arbitrary: mutated }, { weight: 1, arbitrary: anything })
  interface Outcome { sampleCount?: number, durationMs?: number, key?: string, reason?: string }
  await fc.assert(fc.asyncProperty(files, async bytes => {
    const outcome = await outcomeOf(bytes) as Outcome
    outcomes.add(outcome.key ?? 'decoded')
    return outcome.key === undefined
      ? outcome.durationMs! > 0
      : outcome.key === 'STT_DECODE_FAILED' && outcome.reason!.length > 0 && !outcome.reason!.includes('decoder child')
  }), { numRuns: 150 })
  t.strictSame([...outcomes].sort(), ['STT_DECODE_FAILED', 'decoded'])
})
