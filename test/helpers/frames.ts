/** Frames of the formats without a container: real headers, written by FFmpeg, and zeros behind them. */

export interface FrameKind {
  /** The first bytes of the frame, in hexadecimal. */
  header: string
  lengthBytes: number
}

/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz, stereo. */
export const MP3: FrameKind = { header: 'fffb9064', lengthBytes: 417 }
/** MPEG 2.5 layer III, 16 kbit/s, 8 kHz, mono. */
export const MP3_8K: FrameKind = { header: 'ffe328c4', lengthBytes: 144 }
/** ADTS, 16 kHz, mono. */
export const AAC: FrameKind = { header: 'fff16040039ffc', lengthBytes: 28 }
/** AC-3, 48 kHz, stereo. */
export const AC3: FrameKind = { header: '0b77505214404300', lengthBytes: 768 }
/** E-AC-3, 48 kHz, 5.1. */
export const EAC3: FrameKind = { header: '0b77017f3f87c000', lengthBytes: 768 }

/** That many frames, one behind the other. */
export function framesOf ({ header, lengthBytes }: FrameKind, frameCount: number): Buffer {
  const frame = Buffer.alloc(lengthBytes)
  frame.write(header, 'hex')
  return Buffer.concat(Array.from({ length: frameCount }, () => frame))
}

/** An ID3v2.4 tag with `bodyBytes` bytes of padding. */
export function id3Tag (bodyBytes: number): Buffer {
  const tag = Buffer.alloc(10 + bodyBytes)
  tag.write('ID3\x04', 'latin1')
  for (let index = 0; index < 4; index++) tag[9 - index] = (bodyBytes >> (7 * index)) & 0x7f
  return tag
}
