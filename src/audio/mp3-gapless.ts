/**
 * The first frame of most MP3 files is not sound: it says how many frames follow and how many samples at both ends
 * were added by the encoder.
 *
 * @see "Mp3 Info Tag rev 1 specifications" (LAME); FFmpeg, libavformat/mp3dec.c, mp3_parse_info_tag
 */
import type { Frame } from './frame-headers.ts'

const HEADER_BYTES = 4
/** Bytes between the frame's header and the tag: the side information, which is left empty. */
const SIDE_BYTES = { mpeg1: { mono: 17, stereo: 32 }, mpeg2: { mono: 9, stereo: 17 } }
const MPEG1_FRAME_SAMPLES = 1152
/** Optional fields by the bit that announces them: frames, bytes, table of contents, quality. */
const FIELDS = [{ bit: 1, bytes: 4 }, { bit: 2, bytes: 4 }, { bit: 4, bytes: 100 }, { bit: 8, bytes: 4 }]
const HAS_FRAME_COUNT = 1
/** From the encoder's name to the three bytes with the two paddings. */
const PADDINGS_OFFSET = 21
/** Other encoders put other things there. */
const ENCODERS = new Set(['LAME', 'Lavf', 'Lavc'])

/** What the first frame says, if it is such a frame. */
export interface Mp3Info {
  /** Samples per channel without what the encoder added; undefined when the tag does not tell. */
  sampleCount: number | undefined
}

/** @returns undefined when the frame at `offset` is a frame of sound */
export function readMp3Info (bytes: Buffer, offset: number, frame: Frame): Mp3Info | undefined {
  const sides = SIDE_BYTES[frame.sampleCount === MPEG1_FRAME_SAMPLES ? 'mpeg1' : 'mpeg2']
  const sideBytes = frame.channelCount === 1 ? sides.mono : sides.stereo
  const tag = bytes.subarray(offset + HEADER_BYTES + sideBytes, offset + frame.lengthBytes)
  const name = tag.toString('latin1', 0, 4)
  if (tag.length < 8 || (name !== 'Xing' && name !== 'Info')) return undefined
  const flags = tag.readUInt32BE(4)
  const encoder = tag.subarray(8 + FIELDS.reduce((sum, { bit, bytes }) => sum + ((flags & bit) === 0 ? 0 : bytes), 0))
  if ((flags & HAS_FRAME_COUNT) === 0 || encoder.length < PADDINGS_OFFSET + 3) return { sampleCount: undefined }
  if (!ENCODERS.has(encoder.toString('latin1', 0, 4))) return { sampleCount: undefined }
  const paddings = encoder.readUIntBE(PADDINGS_OFFSET, 3)
  const sampleCount = tag.readUInt32BE(8) * frame.sampleCount - (paddings >> 12) - (paddings & 0xfff)
  return { sampleCount: sampleCount > 0 ? sampleCount : undefined }
}
