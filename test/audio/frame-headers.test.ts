import fc from 'fast-check'
import t from 'tap'
import { findFrames } from '../../src/audio/frame-chain.ts'
import { AC3_FRAMES, ADTS_FRAMES, MP3_FRAMES, type Frame, type FrameFormat } from '../../src/audio/frame-headers.ts'
import { AAC, framesOf, MP3, MP3_8K } from '../helpers/frames.ts'

type Row = [
  encoding: string, format: FrameFormat, header: string,
  lengthBytes: number, sampleCount: number, sampleRateHertz: number, channelCount: number
]

/** Headers that FFmpeg has written; the lengths are those of its files, from one frame to the next. */
const rows: Row[] = [
  ['mp3', MP3_FRAMES, 'fff388c4', 288, 576, 16_000, 1],
  ['mp3', MP3_FRAMES, 'fffb9064', 417, 1152, 44_100, 2],
  ['mp3', MP3_FRAMES, 'fffb9264', 418, 1152, 44_100, 2],
  ['mp3', MP3_FRAMES, 'ffe328c4', 144, 576, 8000, 1],
  ['mp3', MP3_FRAMES, 'fffbe464', 960, 1152, 48_000, 2],
  ['aac', ADTS_FRAMES, 'fff16040039ffc', 28, 1024, 16_000, 1],
  ['aac', ADTS_FRAMES, 'fff1508003dffc', 30, 1024, 44_100, 2],
  ['aac', ADTS_FRAMES, 'fff14d80057ffc', 43, 1024, 48_000, 6],
  ['ac3', AC3_FRAMES, '0b77f6c688402f84', 384, 1536, 32_000, 1],
  ['ac3', AC3_FRAMES, '0b775052144043e1', 768, 1536, 48_000, 2],
  ['ac3', AC3_FRAMES, '0b7726261e408be1', 1792, 1536, 48_000, 3],
  ['ac3', AC3_FRAMES, '0b771ce01e40cbe1', 1792, 1536, 48_000, 4],
  ['ac3', AC3_FRAMES, '0b77fd121e40eaf8', 1792, 1536, 48_000, 5],
  ['ac3', AC3_FRAMES, '0b770ad35e40ebf8', 1950, 1536, 44_100, 6],
  ['eac3', AC3_FRAMES, '0b77017f3f87c000', 768, 1536, 48_000, 6],
  ['eac3', AC3_FRAMES, '0b77011fb287c000', 576, 1536, 32_000, 1]
]

t.test('reads what FFmpeg has written', async (t) => {
  for (const [encoding, format, header, lengthBytes, sampleCount, sampleRateHertz, channelCount] of rows) {
    const expected: Frame = { encoding, lengthBytes, sampleCount, sampleRateHertz, channelCount }
    t.strictSame(format.read(Buffer.from(header, 'hex'), 0), expected, header)
  }
})

t.test('reads the variants that FFmpeg does not write', async (t) => {
  const read = (header: string) => AC3_FRAMES.read(Buffer.from(header, 'hex'), 0)
  t.equal(read('0b775052d44043e1'), undefined, 'no rate 3')
  t.equal(read('0b775052144843e1')?.sampleRateHertz, 24_000, 'half the rate')
  t.equal(read('0b775052145043e1')?.sampleRateHertz, 12_000, 'a quarter')
  t.equal(read('0b77417f3f87c000')?.sampleCount, 0, 'a dependent stream adds channels and no time')
  t.equal(read('0b77097f3f87c000')?.sampleCount, 0, 'a second programme adds no time')
  t.equal(read('0b77017fcf87c000')?.sampleRateHertz, 24_000, 'E-AC-3 at half the rate')
  t.equal(read('0b77017fff87c000'), undefined, 'E-AC-3 with a reserved rate')
  t.equal(read('0b77017f0f87c000')?.sampleCount, 256, 'one block')
})

t.test('reads any bytes at any place without an error', async () => {
  const headers = fc.constantFrom(...rows.map(([, , header]) => [...Buffer.from(header, 'hex')]))
  fc.assert(fc.property(headers, fc.uint8Array({ maxLength: 12 }), fc.nat(24), (header, rest, offset) =>
    [MP3_FRAMES, ADTS_FRAMES, AC3_FRAMES].every((format) => {
      const frame = format.read(Buffer.from([...header, ...rest]), offset)
      return frame === undefined || (frame.lengthBytes > 0 && frame.sampleRateHertz > 0 && frame.channelCount > 0)
    })), { numRuns: 2000 })
})

t.test('adds up the frames that follow each other', async (t) => {
  const junk = Buffer.alloc(1000, 0xff)
  const rows: { name: string, input: Buffer, expected: { startOffset: number, sampleCount: number } | undefined }[] = [
    { name: 'whole frames', input: framesOf(MP3, 10), expected: { startOffset: 0, sampleCount: 11_520 } },
    { name: 'behind something else', input: Buffer.concat([junk, framesOf(MP3, 10)]), expected: { startOffset: 1000, sampleCount: 11_520 } },
    { name: 'as far as there is no gap', input: Buffer.concat([framesOf(MP3, 5), Buffer.alloc(1), framesOf(MP3, 9)]), expected: { startOffset: 0, sampleCount: 5760 } },
    { name: 'of one stream', input: Buffer.concat([framesOf(MP3, 5), framesOf(MP3_8K, 5)]), expected: { startOffset: 0, sampleCount: 5760 } },
    { name: 'without the one that is cut off', input: framesOf(MP3, 5).subarray(0, -1), expected: { startOffset: 0, sampleCount: 4608 } },
    { name: 'not behind 64 KiB of something else', input: Buffer.concat([Buffer.alloc(65_536), framesOf(MP3, 10)]), expected: undefined },
    { name: 'not of another format', input: framesOf(AAC, 10), expected: undefined },
    { name: 'not of nothing', input: Buffer.alloc(0), expected: undefined }
  ]
  for (const { name, input, expected } of rows) {
    const chain = findFrames(input, 0, MP3_FRAMES)
    t.strictSame(chain && { startOffset: chain.startOffset, sampleCount: chain.sampleCount }, expected, name)
  }
})
