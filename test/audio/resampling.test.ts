/** What FFmpeg's resampler and mix to mono do to a sound, measured through a real child (docs/adr/0010). */
import t from 'tap'
import { createAudioDecoder } from '../../src/audio/decode.ts'
import { onEveryChannel, tone, writeWav, type WavEncoding } from '../helpers/wav.ts'

const { signal } = new AbortController()
const decoder = createAudioDecoder({ childCount: 1, queueLength: 0, timeoutMs: 20_000 })
t.teardown(() => decoder.close())
t.setTimeout(120_000)

/** The level of a sound relative to a sine of that amplitude. */
function decibels (samples: Int16Array, amplitude: number): number {
  const square = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  return 10 * Math.log10(Math.max(square, 1e-3) / (amplitude * amplitude / 2))
}

t.test('mixes channels without changing how loud they are', async t => {
  for (const encoding of ['s16', 's24', 'f32'] satisfies WavEncoding[]) {
    for (const channelCount of [2, 3, 4, 5, 6, 7, 8]) {
      t.test(`${channelCount} channels of ${encoding}`, async t => {
        const loud = onEveryChannel(tone(440, 8000, 16_000, 32_767), channelCount)
        const { pcm } = await decoder.decode(writeWav(loud, { encoding, channelCount }), signal)
        const level = decibels(pcm.samples, 32_767)
        t.ok(Math.abs(level) < 0.1, `${level.toFixed(2)} dB`)
      })
    }
  }
})

t.test('keeps what lies below 7 kHz and drops what 16 kHz cannot carry', async t => {
  for (const sampleRateHertz of [22_050, 32_000, 44_100, 48_000]) {
    for (const toneHertz of [100, 1000, 3400, 6000, 7000]) {
      t.test(`${toneHertz} Hz at ${sampleRateHertz} Hz passes`, async t => {
        const level = await levelOf(toneHertz, sampleRateHertz)
        t.ok(Math.abs(level) < 0.1, `${level.toFixed(2)} dB`)
      })
    }
    for (const toneHertz of [8300, 8500, 9000, 10_000]) {
      t.test(`${toneHertz} Hz at ${sampleRateHertz} Hz does not`, async t => {
        const level = await levelOf(toneHertz, sampleRateHertz)
        t.ok(level < -65, `${level.toFixed(1)} dB`)
      })
    }
  }
})

/** A steady tone after resampling, relative to what was sent; without the edges, where any filter rings. */
async function levelOf (toneHertz: number, sampleRateHertz: number): Promise<number> {
  const wav = writeWav(tone(toneHertz, sampleRateHertz, sampleRateHertz), { sampleRateHertz })
  const { pcm } = await decoder.decode(wav, signal)
  return decibels(pcm.samples.subarray(1600, -1600), 20_000)
}
