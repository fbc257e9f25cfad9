import fc from 'fast-check'
import t from 'tap'
import { readFlac } from '../../src/audio/flac.ts'
import { writeSilentFlac, type FlacOptions } from '../helpers/flac.ts'

t.test('counts what is there', async (t) => {
  const rows: { name: string, sampleCount: number, options?: FlacOptions }[] = [
    { name: 'less than a block', sampleCount: 100 },
    { name: 'some blocks and a rest', sampleCount: 4096 * 3 + 5 },
    { name: 'more blocks than one byte can number', sampleCount: 16 * 3000, options: { blockSamples: 16 } },
    { name: 'blocks numbered by their first sample', sampleCount: 960_000, options: { isVariable: true } },
    { name: 'ten hours', sampleCount: 48_000 * 36_000, options: { sampleRateHertz: 48_000, blockSamples: 65_535, isVariable: true } },
    { name: 'a header that knows no total', sampleCount: 50_000, options: { declaredSampleCount: 0 } },
    { name: 'a header that claims three days', sampleCount: 50_000, options: { declaredSampleCount: 2 ** 32 } },
    { name: 'six channels at 96 kHz', sampleCount: 9600, options: { channelCount: 6, sampleRateHertz: 96_000 } }
  ]
  for (const { name, sampleCount, options = {} } of rows) {
    const { sampleRateHertz = 16_000, channelCount = 1 } = options
    t.strictSame(
      readFlac(writeSilentFlac(sampleCount, options)),
      { sampleRateHertz, channelCount, bitsPerSample: 16, sampleCount },
      name
    )
  }
})

t.test('stops where a frame is missing or damaged', async (t) => {
  const whole = writeSilentFlac(4096 * 10)
  const frameBytes = (whole.length - 42) / 10
  const damaged = Buffer.from(whole)
  damaged[42 + 5 * frameBytes + 4]! ^= 1
  t.equal(readFlac(damaged)?.sampleCount, 5 * 4096, 'a number that is not the next')
  const without = Buffer.concat([whole.subarray(0, 42 + 3 * frameBytes), whole.subarray(42 + 4 * frameBytes)])
  t.equal(readFlac(without)?.sampleCount, 3 * 4096, 'a frame that is gone')
  t.equal(readFlac(whole.subarray(42 + frameBytes))?.sampleCount, undefined, 'no header')
})

t.test('counts exactly, whatever the sizes', async () => {
  const sizes = fc.record({
    sampleCount: fc.integer({ min: 1, max: 100_000 }),
    blockSamples: fc.integer({ min: 16, max: 65_535 }),
    isVariable: fc.boolean()
  })
  fc.assert(fc.property(sizes, ({ sampleCount, ...options }) =>
    readFlac(writeSilentFlac(sampleCount, options))?.sampleCount === sampleCount))
})

t.test('reads any bytes without an error', async () => {
  const base = writeSilentFlac(20_000, { blockSamples: 1000 })
  const edits = fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 5 })
  fc.assert(fc.property(edits, fc.nat(base.length), (edits, lengthBytes) => {
    const copy = Buffer.from(base)
    for (const [offset, byte] of edits) copy[offset] = byte
    const stream = readFlac(copy.subarray(0, lengthBytes))
    return stream === undefined || stream.sampleCount <= 20 * 65_536
  }), { numRuns: 500 })
})
