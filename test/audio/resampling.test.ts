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

t.test('a swept tone keeps its level up to 7 kHz and is gone above 8.3 kHz', async t => {
  const seconds = 10
  for (const sampleRateHertz of [22_050, 44_100, 48_000]) {
    const nyquistHertz = sampleRateHertz / 2
    const wav = writeWav(sweep(nyquistHertz, seconds, sampleRateHertz), { sampleRateHertz })
    const { pcm } = await decoder.decode(wav, signal)
    t.ok(Math.abs(pcm.samples.length - seconds * 16_000) <= 1, `${sampleRateHertz} Hz: ${pcm.samples.length} samples`)
    // In each window of 20 ms the tone moves by a few dozen hertz.
    const windowSamples = 320
    let largestDeviation = 0
    let largestRest = -Infinity
    for (let start = windowSamples; start + windowSamples < pcm.samples.length; start += windowSamples) {
      const level = decibels(pcm.samples.subarray(start, start + windowSamples), 20_000)
      const fromHertz = nyquistHertz * start / (seconds * 16_000)
      const toHertz = nyquistHertz * (start + windowSamples) / (seconds * 16_000)
      // A window of a slow tone does not hold whole periods.
      if (fromHertz > 200 && toHertz < 7000) largestDeviation = Math.max(largestDeviation, Math.abs(level))
      if (fromHertz > 8300) largestRest = Math.max(largestRest, level)
    }
    t.ok(largestDeviation < 0.5, `${sampleRateHertz} Hz: below 7 kHz at most ${largestDeviation.toFixed(2)} dB off`)
    t.ok(largestRest < -65, `${sampleRateHertz} Hz: above 8.3 kHz at most ${largestRest.toFixed(1)} dB`)
  }
})

/** A tone that rises evenly from 0 to `toHertz`. */
function sweep (toHertz: number, seconds: number, sampleRateHertz: number): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: seconds * sampleRateHertz }, (_, index) => {
    const time = index / sampleRateHertz
    return Math.round(20_000 * Math.sin(Math.PI * toHertz * time * time / seconds))
  })
}

t.test('a voice in the middle of 5.1 stays loud', async t => {
  // The channels are left, right, centre, low frequencies, surround left, surround right.
  const centre = tone(440, 8000)
  const samples = new Int16Array(centre.length * 6)
  centre.forEach((sample, index) => { samples[index * 6 + 2] = sample })
  const wav = writeWav(samples, { channelCount: 6, validBits: 16 })
  const { pcm } = await decoder.decode(wav, signal)
  const level = decibels(pcm.samples, 20_000)
  t.ok(level > -12, `${level.toFixed(1)} dB, where the mean of the six would give -15.6 dB`)
})

/** A steady tone after resampling, relative to what was sent; without the edges, where any filter rings. */
async function levelOf (toneHertz: number, sampleRateHertz: number): Promise<number> {
  const wav = writeWav(tone(toneHertz, sampleRateHertz, sampleRateHertz), { sampleRateHertz })
  const { pcm } = await decoder.decode(wav, signal)
  return decibels(pcm.samples.subarray(1600, -1600), 20_000)
}
