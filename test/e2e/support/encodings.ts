/**
 * One spoken sentence in many encodings: what docs/formats.md lists and test/e2e/formats.test.ts sends. All are made by
 * the FFmpeg of the package from the same WAV, but those that it has no encoder for.
 */
import { readFileSync } from 'node:fs'
import type { Encoder } from '../../../src/kit/encoder.ts'
import { lightWav } from './sounds.ts'

export interface Encoding {
  /** As docs/formats.md names it. */
  name: string
  /** The facts that the log must give. */
  container: string
  encoding: string
  sampleRateHertz?: number
  channelCount?: number
  /** FFmpeg's parameters and muxer … */
  parameters?: readonly string[]
  muxer?: string
  /** … or a file of test/fixtures/speech. */
  fixture?: string
  /** A last touch that FFmpeg has no option for. */
  change? (bytes: Buffer): Buffer
}

type Columns = [name: string, encoding: string, sampleRateHertz: number, channelCount: number, parameters: string]

function rows (container: string, muxer: string, ...columns: Columns[]): Encoding[] {
  return columns.map(([name, encoding, sampleRateHertz, channelCount, parameters]) => ({
    name,
    container,
    encoding,
    sampleRateHertz,
    channelCount,
    muxer,
    parameters: [
      ...parameters.split(' '),
      // Opus takes any of a few rates and is 48 kHz to whoever decodes it.
      ...encoding === 'opus' ? [] : ['-ar', String(sampleRateHertz)], '-ac', String(channelCount)
    ]
  }))
}

/** As a writer leaves them that cannot go back: to a pipe. */
function withoutSizes (wav: Buffer): Buffer {
  const dataOffset = wav.indexOf('data', 0, 'latin1')
  wav.writeUInt32LE(0xffff_ffff, 4)
  wav.writeUInt32LE(0xffff_ffff, dataOffset + 4)
  return wav
}

/** STREAMINFO's total of samples is the low 36 bits of eight bytes. */
function withoutTotal (flac: Buffer): Buffer {
  flac.fill(0, 22, 26)
  flac[21]! &= 0xf0
  return flac
}

/** A tag with a picture in front, and the old tag of 128 bytes behind. */
function withTags (mp3: Buffer): Buffer {
  const picture = Buffer.alloc(20_000, 0xff)
  const frame = Buffer.concat([Buffer.from('APIC\x00\x01\x1c\x36\x00\x00\x00image/png\x00\x03\x00', 'latin1'), picture])
  const head = Buffer.from('ID3\x04\x00\x00\x00\x01\x1c\x4c', 'latin1')
  head.writeUInt32BE(((frame.length & 0x3f80) << 1) | (frame.length & 0x7f) | ((frame.length & 0x1f_c000) << 2), 6)
  const old = Buffer.alloc(128)
  old.write('TAGa title', 'latin1')
  return Buffer.concat([head, frame, mp3, old])
}

export const ENCODINGS: readonly Encoding[] = [
  ...rows('wav', 'wav',
    ['WAV, 16 bits', 'pcm_s16le', 16_000, 1, '-c:a pcm_s16le'],
    ['WAV, 16 bits, stereo', 'pcm_s16le', 44_100, 2, '-c:a pcm_s16le'],
    ['WAV, 8 bits', 'pcm_u8', 16_000, 1, '-c:a pcm_u8'],
    ['WAV, 24 bits (EXTENSIBLE)', 'pcm_s24le', 48_000, 1, '-c:a pcm_s24le'],
    ['WAV, 32 bits', 'pcm_s32le', 22_050, 1, '-c:a pcm_s32le'],
    ['WAV, float of 32 bits', 'pcm_f32le', 48_000, 2, '-c:a pcm_f32le'],
    ['WAV, float of 64 bits', 'pcm_f64le', 16_000, 1, '-c:a pcm_f64le'],
    ['WAV, A-law', 'pcm_alaw', 8000, 1, '-c:a pcm_alaw'],
    ['WAV, mu-law', 'pcm_mulaw', 16_000, 1, '-c:a pcm_mulaw'],
    ['WAV, IMA ADPCM', 'adpcm_ima_wav', 16_000, 1, '-c:a adpcm_ima_wav'],
    ['WAV, MS ADPCM', 'adpcm_ms', 22_050, 1, '-c:a adpcm_ms'],
    ['WAV, 5.1', 'pcm_s16le', 48_000, 6, '-c:a pcm_s16le']),
  ...rows('wav', 'wav', ['WAV without sizes, as a pipe leaves it', 'pcm_s16le', 16_000, 1, '-c:a pcm_s16le'])
    .map((row) => ({ ...row, change: withoutSizes })),
  ...rows('mp3', 'mp3',
    ['MP3, 64 kbit/s', 'mp3', 16_000, 1, '-c:a libmp3lame -b:a 64k'],
    ['MP3, 128 kbit/s, joint stereo', 'mp3', 44_100, 2, '-c:a libmp3lame -b:a 128k -joint_stereo 1'],
    ['MP3, 320 kbit/s, stereo', 'mp3', 48_000, 2, '-c:a libmp3lame -b:a 320k -joint_stereo 0'],
    ['MP3, variable bit rate', 'mp3', 44_100, 1, '-c:a libmp3lame -q:a 4'],
    ['MP3 without a Xing header', 'mp3', 22_050, 1, '-c:a libmp3lame -b:a 48k -write_xing 0'],
    ['MP3, MPEG 2.5', 'mp3', 12_000, 1, '-c:a libmp3lame -b:a 32k']),
  ...rows('mp3', 'mp3', ['MP3 with ID3v2, cover art and ID3v1', 'mp3', 16_000, 1, '-c:a libmp3lame -b:a 64k'])
    .map((row) => ({ ...row, change: withTags })),
  ...rows('adts', 'adts',
    ['AAC, 64 kbit/s', 'aac', 16_000, 1, '-c:a aac -b:a 64k'],
    ['AAC, stereo', 'aac', 44_100, 2, '-c:a aac -b:a 128k'],
    ['AAC, 5.1', 'aac', 48_000, 6, '-c:a aac -b:a 256k']),
  ...rows('ac3', 'ac3',
    ['AC-3, mono', 'ac3', 32_000, 1, '-c:a ac3 -b:a 96k'],
    ['AC-3, stereo', 'ac3', 48_000, 2, '-c:a ac3 -b:a 192k'],
    ['AC-3, 5.1', 'ac3', 44_100, 6, '-c:a ac3 -b:a 448k']),
  ...rows('ac3', 'eac3',
    ['E-AC-3, stereo', 'eac3', 48_000, 2, '-c:a eac3 -b:a 128k'],
    ['E-AC-3, 5.1', 'eac3', 48_000, 6, '-c:a eac3 -b:a 256k']),
  ...rows('ogg', 'ogg',
    ['Ogg Vorbis', 'vorbis', 16_000, 1, '-c:a libvorbis -q:a 3'],
    ['Ogg Vorbis, stereo', 'vorbis', 44_100, 2, '-c:a libvorbis -q:a 5'],
    ['Ogg Opus, 24 kbit/s', 'opus', 48_000, 1, '-c:a libopus -b:a 24k'],
    ['Ogg Opus, stereo', 'opus', 48_000, 2, '-c:a libopus -b:a 64k'],
    ['Ogg FLAC', 'flac', 16_000, 1, '-c:a flac']),
  { name: 'Ogg Speex', container: 'ogg', encoding: 'speex', sampleRateHertz: 16_000, channelCount: 1, fixture: 'light-speex.ogg' },
  ...rows('flac', 'flac',
    ['FLAC', 'flac', 16_000, 1, '-c:a flac'],
    ['FLAC, 24 bits, stereo', 'flac', 44_100, 2, '-c:a flac -sample_fmt s32'],
    ['FLAC, 8 kHz', 'flac', 8000, 1, '-c:a flac'],
    ['FLAC, 4 channels', 'flac', 16_000, 4, '-c:a flac'],
    ['FLAC, 96 kHz', 'flac', 96_000, 1, '-c:a flac'],
    ['FLAC, 5.1', 'flac', 48_000, 6, '-c:a flac']),
  ...rows('flac', 'flac', ['FLAC without a total, as a pipe leaves it', 'flac', 32_000, 1, '-c:a flac'])
    .map((row) => ({ ...row, change: withoutTotal }))
]

/** Files of formats that CSR does not list; decoded when `CSR_ACCEPT_M4A_WEBM` says so. */
export const UNLISTED_ENCODINGS: readonly Encoding[] = [
  { name: 'M4A, AAC', container: 'mp4', encoding: 'unknown', muxer: 'ipod', parameters: ['-c:a', 'aac', '-b:a', '96k'] },
  { name: 'M4A, ALAC', container: 'mp4', encoding: 'unknown', muxer: 'ipod', parameters: ['-c:a', 'alac'] },
  {
    name: 'WebM, Opus, as MediaRecorder writes it',
    container: 'webm',
    encoding: 'unknown',
    muxer: 'webm',
    parameters: ['-c:a', 'libopus', '-b:a', '32k', '-live', '1']
  }
]

/** The sentence in one encoding. */
export async function encode (encoder: Encoder, { parameters, muxer, fixture, change }: Encoding): Promise<Buffer> {
  const bytes = fixture === undefined
    ? await encoder.encode({ input: lightWav(), parameters: parameters ?? [], muxer: muxer ?? '' })
    : readFileSync(new URL(`../../fixtures/speech/${fixture}`, import.meta.url))
  return change === undefined ? bytes : change(bytes)
}
