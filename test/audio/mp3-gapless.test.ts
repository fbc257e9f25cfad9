import fc from 'fast-check'
import t from 'tap'
import { MP3_FRAMES } from '../../src/audio/frame-headers.ts'
import { readMp3Info } from '../../src/audio/mp3-gapless.ts'
import { endOfTags } from '../../src/audio/id3.ts'
import { framesOf, id3Tag, MP3, MP3_8K, type FrameKind } from '../helpers/frames.ts'

interface Tag {
  name?: string
  flags?: number
  frameCount?: number
  encoder?: string
  delay?: number
  padding?: number
}

/** A first frame as LAME writes it. */
function infoFrame (kind: FrameKind, sideBytes: number, tag: Tag = {}): Buffer {
  const { name = 'Xing', flags = 15, frameCount = 10, encoder = 'LAME3.100', delay = 576, padding = 1000 } = tag
  const frame = framesOf(kind, 1)
  const fields = [[1, 4], [2, 4], [4, 100], [8, 4]].filter(([bit = 0]) => (flags & bit) !== 0)
  const fieldBytes = fields.reduce((sum, [, bytes = 0]) => sum + bytes, 0)
  const start = 4 + sideBytes
  frame.write(name, start, 'latin1')
  frame.writeUInt32BE(flags, start + 4)
  if ((flags & 1) !== 0) frame.writeUInt32BE(frameCount, start + 8)
  const encoderStart = start + 8 + fieldBytes
  if (encoderStart + 24 > frame.length) return frame
  frame.write(encoder, encoderStart, 'latin1')
  frame.writeUIntBE(delay * 4096 + padding, encoderStart + 21, 3)
  return frame
}

function read (bytes: Buffer) {
  const frame = MP3_FRAMES.read(bytes, 0)
  return frame === undefined ? 'no frame' : readMp3Info(bytes, 0, frame)
}

t.test('reads how much of an MP3 is sound', async (t) => {
  const rows: { name: string, input: Buffer, expected: ReturnType<typeof readMp3Info> }[] = [
    { name: 'MPEG 1, stereo', input: infoFrame(MP3, 32), expected: { sampleCount: 11_520 - 1576 } },
    { name: 'named Info, as constant bit rates are', input: infoFrame(MP3, 32, { name: 'Info' }), expected: { sampleCount: 11_520 - 1576 } },
    { name: 'written by FFmpeg', input: infoFrame(MP3, 32, { encoder: 'Lavc59.37' }), expected: { sampleCount: 11_520 - 1576 } },
    { name: 'without table and quality', input: infoFrame(MP3, 32, { flags: 3 }), expected: { sampleCount: 11_520 - 1576 } },
    { name: 'without a number of frames', input: infoFrame(MP3, 32, { flags: 14 }), expected: { sampleCount: undefined } },
    { name: 'by an encoder that writes something else there', input: infoFrame(MP3, 32, { encoder: 'Gogo' }), expected: { sampleCount: undefined } },
    { name: 'more padding than sound', input: infoFrame(MP3, 32, { frameCount: 1 }), expected: { sampleCount: undefined } },
    { name: 'no room for the paddings: MPEG 2.5, mono, 144 bytes', input: infoFrame(MP3_8K, 9), expected: { sampleCount: undefined } },
    { name: 'MPEG 2.5, mono, with what fits', input: infoFrame(MP3_8K, 9, { flags: 3 }), expected: { sampleCount: 5760 - 1576 } },
    { name: 'a frame of sound', input: framesOf(MP3, 1), expected: undefined }
  ]
  for (const { name, input, expected } of rows) t.strictSame(read(input), expected, name)
})

t.test('reads any frame without an error', async () => {
  const frame = infoFrame(MP3, 32)
  fc.assert(fc.property(fc.nat(200), fc.uint8Array({ maxLength: 8 }), fc.nat(417), (offset, values, lengthBytes) => {
    const copy = Buffer.from(frame)
    copy.set(values, offset)
    read(copy.subarray(0, lengthBytes))
    return true
  }), { numRuns: 1000 })
})

t.test('finds the end of the tags', async (t) => {
  const rows: { name: string, input: Buffer, expected: number }[] = [
    { name: 'no tag', input: framesOf(MP3, 1), expected: 0 },
    { name: 'one', input: Buffer.concat([id3Tag(300), framesOf(MP3, 1)]), expected: 310 },
    { name: 'two', input: Buffer.concat([id3Tag(300), id3Tag(20_000), framesOf(MP3, 1)]), expected: 20_320 },
    { name: 'one with a footer', input: withFooter(), expected: 320 },
    { name: 'one that claims more than there is', input: id3Tag(300).subarray(0, 100), expected: 100 },
    { name: 'half a header', input: id3Tag(0).subarray(0, 9), expected: 0 },
    { name: 'nothing', input: Buffer.alloc(0), expected: 0 }
  ]
  for (const { name, input, expected } of rows) t.equal(endOfTags(input), expected, name)
})

function withFooter (): Buffer {
  const tag = Buffer.concat([id3Tag(300), Buffer.alloc(50)])
  tag[5] = 0x10
  return tag
}
