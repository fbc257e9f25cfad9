/**
 * Bombs: files of at most 3 MiB that expand to hours, lie about themselves, or cost whoever reads them more than they
 * should. One row each, with the answer that it has to get.
 */
import type { Encoder } from '../../../src/kit/encoder.ts'
import { writeSilentFlac } from '../../helpers/flac.ts'
import { framesOf, id3Tag, MP3, MP3_8K } from '../../helpers/frames.ts'
import { chunk, tone, writeWav } from '../../helpers/wav.ts'
import { CONTAINER_BOMBS } from './bombs-in-containers.ts'
import { NOT_DECODED, TOO_LONG, type ExpectedAnswer } from './answers.ts'
import { MAX_BODY_BYTES } from './sounds.ts'

export interface Bomb {
  name: string
  /** `text` is status 200 with any text. */
  expected: ExpectedAnswer | 'text' | typeof SLOW
  /** Makes the file; some need an encoder. */
  make (encoder: Encoder): Buffer | Promise<Buffer>
}

/** Too long, or refused after 5 s: how far the decoder comes depends on the machine. */
export const SLOW = [TOO_LONG, NOT_DECODED] as const

const HOURS = 3600
const FLAC_HEADER_BYTES = 42
const ID3_EMPTY = id3Tag(0)

/** 3 MiB of the same bytes, behind `head`. */
function repeated (pattern: Buffer, head: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([head, Buffer.alloc(MAX_BODY_BYTES - head.length, pattern)])
}

const text = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')

/** A second frame with a wrong number: the server stops counting there, and FFmpeg goes on. */
function withLostCount (flac: Buffer): Buffer {
  const second = flac.indexOf(hex('fff8'), FLAC_HEADER_BYTES + 2)
  const third = flac.indexOf(hex('fff8'), second + 2)
  return Buffer.concat([flac.subarray(0, second), flac.subarray(third)])
}

function patched (file: Buffer, offset: number, bytes: Buffer): Buffer {
  const copy = Buffer.from(file)
  bytes.copy(copy, offset)
  return copy
}

const second = tone(440, 16_000)
const wav = (offset: number, bytes: Buffer): Buffer => patched(writeWav(second), offset, bytes)
const flacHead = writeSilentFlac(16).subarray(0, FLAC_HEADER_BYTES)
const flacSecond = writeSilentFlac(16_000)

const LONG: readonly Bomb[] = [
  { name: 'FLAC, 10 h in 2 MB', expected: TOO_LONG, make: () => writeSilentFlac(10 * HOURS * 16_000) },
  { name: 'FLAC, 10 h in 150 KB', expected: TOO_LONG, make: () => writeSilentFlac(10 * HOURS * 16_000, { blockSamples: 65_535 }) },
  { name: 'FLAC, 10 h, numbers that cannot be counted', expected: TOO_LONG, make: () => withLostCount(writeSilentFlac(10 * HOURS * 16_000)) },
  { name: 'FLAC, 10 min, 8 channels at 384 kHz', expected: TOO_LONG, make: () => writeSilentFlac(600 * 384_000, { sampleRateHertz: 384_000, channelCount: 8, blockSamples: 65_535 }) },
  { name: 'FLAC, 10 min, 8 channels at 384 kHz, not to be counted', expected: SLOW, make: () => withLostCount(writeSilentFlac(600 * 384_000, { sampleRateHertz: 384_000, channelCount: 8, blockSamples: 65_535 })) },
  { name: 'MP3, 52 min at 8 kbit/s', expected: TOO_LONG, make: () => framesOf({ header: 'ffe318c4', lengthBytes: 72 }, 43_600) },
  { name: 'MP3, frames of 24 bytes', expected: TOO_LONG, make: () => framesOf({ header: 'fff314c4', lengthBytes: 24 }, 131_000) },
  { name: 'AAC, 1 h of silence', expected: TOO_LONG, make: (encoder) => ofSilence(encoder, 'adts', '-c:a', 'aac', '-b:a', '8k') },
  { name: 'AC-3, 13 min of silence', expected: TOO_LONG, make: (encoder) => ofSilence(encoder, 'ac3', '-c:a', 'ac3', '-b:a', '32k', '-ar', '48000') },
  { name: 'E-AC-3 of silence', expected: TOO_LONG, make: (encoder) => ofSilence(encoder, 'eac3', '-c:a', 'eac3', '-b:a', '32k', '-ar', '48000') },
  { name: 'WAV, 13 min of ADPCM', expected: TOO_LONG, make: () => writeWav(new Int16Array(12_000_000 / 2), { encoding: 'ima', sampleRateHertz: 8000 }) },
  { name: 'WAV, 50 min at 1 kHz', expected: TOO_LONG, make: () => writeWav(new Int16Array(3_000_000), { encoding: 'u8', sampleRateHertz: 1000 }) },
  { name: 'WAV, 52 min of MP3', expected: TOO_LONG, make: () => wavOf(0x55, framesOf({ header: 'ffe318c4', lengthBytes: 72 }, 43_600)) }
]

/** A WAV of a second's form with other data. */
function wavOf (formatTag: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(18)
  fields.writeUInt16LE(formatTag, 0)
  fields.writeUInt16LE(1, 2)
  fields.writeUInt32LE(8000, 4)
  fields.writeUInt32LE(1000, 8)
  fields.writeUInt16LE(1, 12)
  return chunk('RIFF', Buffer.concat([text('WAVE'), chunk('fmt ', fields), chunk('data', data)]))
}

/** Two seconds of silence again and again: frames do not know their place. */
async function ofSilence (encoder: Encoder, muxer: string, ...parameters: string[]): Promise<Buffer> {
  const file = await encoder.encode({ input: writeWav(new Int16Array(32_000)), muxer, parameters })
  return Buffer.concat(Array.from({ length: Math.floor(MAX_BODY_BYTES / file.length) }, () => file))
}

const LIES: readonly Bomb[] = [
  { name: 'WAV of 4 GHz', expected: NOT_DECODED, make: () => wav(24, hex('ffffffff')) },
  { name: 'WAV of 1 Hz', expected: NOT_DECODED, make: () => wav(24, hex('01000000')) },
  { name: 'WAV of 65 535 channels', expected: NOT_DECODED, make: () => wav(22, hex('ffff')) },
  { name: 'WAV of 65 535 bits', expected: NOT_DECODED, make: () => wav(34, hex('ffff')) },
  { name: 'WAV whose data claims 4 GB', expected: 'text', make: () => wav(40, hex('feffffff')) },
  { name: 'WAV of 390 000 empty chunks', expected: NOT_DECODED, make: () => repeated(text('junk\0\0\0\0'), text('RIFF\0\0\0\0WAVE')) },
  { name: 'FLAC that claims 50 days', expected: 'text', make: () => writeSilentFlac(16_000, { declaredSampleCount: 2 ** 36 - 1 }) },
  { name: 'FLAC that claims one sample', expected: 'text', make: () => writeSilentFlac(16_000, { declaredSampleCount: 1 }) },
  { name: 'FLAC of 1 Hz', expected: NOT_DECODED, make: () => patched(flacSecond, 18, hex('00001')) },
  { name: 'FLAC of 655 350 Hz', expected: NOT_DECODED, make: () => patched(flacSecond, 18, hex('9fff60f0')) },
  { name: 'FLAC with blocks of no sample', expected: NOT_DECODED, make: () => patched(flacSecond, 8, hex('00000000')) },
  { name: 'MP3 whose tag claims weeks', expected: 'text', make: (encoder) => mp3OfFrameCount(encoder, 0x7fff_ffff) },
  { name: 'MP3 whose tag claims one frame', expected: 'text', make: (encoder) => mp3OfFrameCount(encoder, 1) },
  { name: 'a tag that claims 256 MB', expected: NOT_DECODED, make: () => Buffer.concat([text('ID3\x04\0\0'), hex('7f7f7f7f'), framesOf(MP3, 50)]) },
  { name: '314 000 empty tags', expected: NOT_DECODED, make: () => repeated(ID3_EMPTY) },
  { name: '300 000 empty tags, then MP3', expected: 'text', make: () => Buffer.concat([Buffer.alloc(3_000_000, ID3_EMPTY), framesOf(MP3_8K, 20)]) }
]

async function mp3OfFrameCount (encoder: Encoder, frameCount: number): Promise<Buffer> {
  const parameters = ['-c:a', 'libmp3lame', '-b:a', '64k', '-id3v2_version', '0']
  const file = await encoder.encode({ input: writeWav(second), muxer: 'mp3', parameters })
  const tag = Math.max(file.indexOf('Xing', 0, 'latin1'), file.indexOf('Info', 0, 'latin1'))
  file.writeUInt32BE(frameCount, tag + 8)
  return file
}

/** Each made the server's own reading, before any decoder, walk or search a long way. */
const SEARCHES: readonly Bomb[] = [
  { name: '3 MiB of zeros', expected: NOT_DECODED, make: () => repeated(hex('00')) },
  { name: '3 MiB of 0xff', expected: NOT_DECODED, make: () => repeated(hex('ff')) },
  { name: '3 MiB of 0x0b', expected: NOT_DECODED, make: () => repeated(hex('0b')) },
  { name: 'nothing but MP3 sync words', expected: NOT_DECODED, make: () => repeated(hex('fff310')) },
  { name: 'MP3, pairs of frames that no third follows', expected: NOT_DECODED, make: () => repeated(Buffer.concat([framesOf({ header: 'fff314c4', lengthBytes: 24 }, 2), hex('000000')])) },
  { name: 'nothing but ADTS sync words', expected: NOT_DECODED, make: () => repeated(hex('fff160')) },
  { name: 'ADTS, frames of 8 bytes', expected: NOT_DECODED, make: () => repeated(hex('fff16040010000fc')) },
  { name: 'E-AC-3, frames of 4 bytes', expected: NOT_DECODED, make: () => repeated(hex('0b770001')) },
  { name: 'FLAC and then 0xff', expected: NOT_DECODED, make: () => repeated(hex('ff'), flacHead) },
  { name: 'FLAC, nothing but sync words', expected: NOT_DECODED, make: () => repeated(hex('fff8'), flacHead) },
  { name: 'FLAC, headers of frames with wrong checksums', expected: NOT_DECODED, make: () => repeated(hex('fff8c8080012'), flacHead) },
  { name: 'FLAC, 780 000 empty blocks of metadata', expected: NOT_DECODED, make: () => repeated(hex('01000000'), patched(flacHead, 4, hex('00'))) },
  { name: 'FLAC, 16 samples in a frame', expected: TOO_LONG, make: () => writeSilentFlac(16 * 180_000, { blockSamples: 16 }) },
  { name: '3 MiB of fLaC', expected: NOT_DECODED, make: () => repeated(text('fLaC')) },
  { name: '3 MiB of OggS', expected: NOT_DECODED, make: () => repeated(text('OggS')) },
  { name: '520 000 Ogg pages, none of them a first one', expected: NOT_DECODED, make: () => repeated(text('OggS\0\0')) }
]

export const BOMBS: readonly Bomb[] = [...LONG, ...LIES, ...SEARCHES, ...CONTAINER_BOMBS]
