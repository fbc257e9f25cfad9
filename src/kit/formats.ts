/** The formats that CSR takes, one row each: how a file of it is made, padded, and what of it is no sound. */
import type { EncodeRequest } from './encoder.ts'
import { cutOff, oggHeaderBytes, withFlacPadding, withId3Tag, withJunkChunk } from './structure.ts'

/** How FFmpeg makes a file. */
export type Encoding = Pick<EncodeRequest, 'muxer' | 'parameters' | 'files'>

/** A format of the kit. */
export interface KitFormat {
  /** The folder. */
  name: string
  /** With the dot. */
  extension: string
  /** For people. */
  title: string
  encoding: Encoding
  /** FFmpeg's name for the reader of the file. */
  demuxer: string
  /** In which FFmpeg decodes it. */
  decodedRateHertz: number
  isLossy: boolean
  /**
   * Absent: the file tells how much of its sound the encoder added. Given: it cannot tell, so it decodes longer and
   * in whole frames.
   */
  untold?: {
    /** How much of the decoded sound may be padding, ms. */
    allowanceMs: number
    /** A sound that becomes the largest whole number of frames of no more than 400 ms, ms. */
    shortMs: number
  }
  /** How the spoken file is made larger without another sound. */
  padding: Padding
  /** The beginning of a file that holds no sound yet. */
  headOf (file: Buffer): Buffer
}

/** Makes a file larger by some number of bytes, or by a little more. A negative number says how much to cut off. */
export interface Padding {
  /** The padded file is made of that much speech and silence; of the clip alone unless given. */
  speechMs?: number
  /** Instead of the encoding of the format. */
  encodingWith?: (paddingBytes: number) => Encoding
  /** Changes the encoded file. */
  insert?: (file: Buffer, paddingBytes: number) => Buffer
}

const ENCODER_PADDING_MS = 200
const FLAC_STREAMINFO_BYTES = 42
const FLAC_LAST_BLOCK = 0x80
const ADTS_HEADER_BYTES = 7
const AC3_HEADER_BYTES = 8

const VORBIS: Encoding = {
  muxer: 'ogg',
  // Short pages: FFmpeg drops the first block of a stream whose sound lies on one page.
  parameters: ['-c:a', 'libvorbis', '-q:a', '4', '-page_duration', '100000']
}
const OPUS: Encoding = {
  muxer: 'opus',
  // Half the encoder's care takes a quarter of the time.
  parameters: ['-c:a', 'libopus', '-b:a', '32k', '-compression_level', '5', '-page_duration', '100000']
}

/** In the order of the vendor's list, Opus beside Vorbis. */
export const KIT_FORMATS: readonly KitFormat[] = [
  {
    name: 'mp3',
    extension: '.mp3',
    title: 'MP3 with a tag that tells the padding',
    encoding: {
      muxer: 'mp3',
      parameters: ['-c:a', 'libmp3lame', '-b:a', '64k', '-id3v2_version', '0', '-write_xing', '1']
    },
    demuxer: 'mp3',
    decodedRateHertz: 16_000,
    isLossy: true,
    padding: { insert: withId3Tag },
    headOf: () => withId3Tag(Buffer.alloc(0), 100)
  },
  {
    name: 'aac',
    extension: '.aac',
    title: 'AAC in ADTS',
    encoding: { muxer: 'adts', parameters: ['-c:a', 'aac', '-b:a', '48k'] },
    demuxer: 'aac',
    decodedRateHertz: 16_000,
    isLossy: true,
    // Five frames of 64 ms and the one that the encoder puts in front.
    untold: { allowanceMs: ENCODER_PADDING_MS, shortMs: 320 },
    padding: { insert: withId3Tag },
    headOf: (file) => file.subarray(0, ADTS_HEADER_BYTES)
  },
  {
    name: 'ac3',
    extension: '.ac3',
    title: 'AC-3',
    encoding: { muxer: 'ac3', parameters: ['-c:a', 'ac3', '-ar', '48000', '-b:a', '192k'] },
    demuxer: 'ac3',
    decodedRateHertz: 48_000,
    isLossy: true,
    // Twelve frames of 32 ms: this encoder cuts the end off rather than write one more.
    untold: { allowanceMs: ENCODER_PADDING_MS, shortMs: 384 },
    padding: {
      // AC-3 has nothing that decoders skip: the highest bit rate, and an end in the middle of the last frame.
      speechMs: 39_328,
      encodingWith: () => ({ muxer: 'ac3', parameters: ['-c:a', 'ac3', '-ar', '48000', '-b:a', '640k'] }),
      insert: cutOff
    },
    headOf: (file) => file.subarray(0, AC3_HEADER_BYTES)
  },
  {
    name: 'ogg',
    extension: '.ogg',
    title: 'Ogg Vorbis',
    encoding: VORBIS,
    demuxer: 'ogg',
    decodedRateHertz: 16_000,
    isLossy: true,
    padding: { encodingWith: (paddingBytes) => withComment(VORBIS, paddingBytes) },
    headOf: (file) => file.subarray(0, oggHeaderBytes(file))
  },
  {
    name: 'opus',
    extension: '.opus',
    title: 'Ogg Opus',
    encoding: OPUS,
    demuxer: 'ogg',
    decodedRateHertz: 48_000,
    isLossy: true,
    padding: { encodingWith: (paddingBytes) => withComment(OPUS, paddingBytes) },
    headOf: (file) => file.subarray(0, oggHeaderBytes(file))
  },
  {
    name: 'flac',
    extension: '.flac',
    title: 'FLAC',
    encoding: { muxer: 'flac', parameters: ['-c:a', 'flac'] },
    demuxer: 'flac',
    decodedRateHertz: 16_000,
    isLossy: false,
    padding: { insert: withFlacPadding },
    headOf (file) {
      const head = Buffer.from(file.subarray(0, FLAC_STREAMINFO_BYTES))
      head[4] = FLAC_LAST_BLOCK
      return head
    }
  },
  {
    name: 'wav',
    extension: '.wav',
    title: 'WAV',
    encoding: { muxer: 'wav', parameters: ['-c:a', 'pcm_s16le'] },
    demuxer: 'wav',
    decodedRateHertz: 16_000,
    isLossy: false,
    padding: { insert: withJunkChunk },
    headOf (file) {
      const head = Buffer.from(file.subarray(0, 44))
      head.writeUInt32LE(36, 4)
      head.writeUInt32LE(0, 40)
      return head
    }
  }
]

/** As if there were cover art: one long comment, which goes over many pages. */
function withComment ({ muxer, parameters = [] }: Encoding, commentBytes: number): Encoding {
  return {
    muxer,
    parameters: ['-f', 'ffmetadata', '-i', 'metadata', ...parameters, '-map_metadata', '1'],
    files: { metadata: Buffer.from(`;FFMETADATA1\ncomment=${'x'.repeat(Math.max(0, commentBytes))}\n`) }
  }
}
