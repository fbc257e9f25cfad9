/** Whole files of every format that the server decodes: what hostile files are made of. */
import { readFileSync } from 'node:fs'
import type { Encoder } from '../../../src/kit/encoder.ts'
import { id3Tag } from '../../helpers/frames.ts'
import { onEveryChannel, tone, writeWav, type WavEncoding } from '../../helpers/wav.ts'
import { helloWav, SPEECH_FOLDER } from './sounds.ts'

/** M4A and WebM are decoded only with `CSR_ACCEPT_M4A_WEBM=true`. */
export const HOSTILE_FORMATS = [
  'wav', 'mp3', 'adts', 'ac3', 'eac3', 'ogg-vorbis', 'ogg-opus', 'ogg-flac', 'speex', 'flac', 'm4a', 'webm'
] as const
export type HostileFormat = typeof HOSTILE_FORMATS[number]

/** Whole files by format; at least one of each. */
export type Seeds = Readonly<Record<HostileFormat, readonly Buffer[]>>

/** What goes between the input and the muxer of `ffmpeg`. */
type Recipe = readonly [muxer: string, ...parameters: string[]]

const COVER_BYTES = 20_000

const RECIPES: Readonly<Record<Exclude<HostileFormat, 'wav' | 'speex'>, readonly Recipe[]>> = {
  mp3: [
    ['mp3', '-c:a', 'libmp3lame', '-b:a', '64k'],
    ['mp3', '-c:a', 'libmp3lame', '-q:a', '5', '-ar', '44100', '-ac', '2'],
    ['mp3', '-c:a', 'libmp3lame', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0'],
    ['mp3', '-c:a', 'libmp3lame', '-b:a', '16k', '-ar', '8000', '-id3v2_version', '0']
  ],
  adts: [
    ['adts', '-c:a', 'aac', '-b:a', '48k'],
    ['adts', '-c:a', 'aac', '-b:a', '64k', '-ar', '44100', '-ac', '2']
  ],
  ac3: [
    ['ac3', '-c:a', 'ac3', '-b:a', '96k', '-ar', '48000'],
    ['ac3', '-c:a', 'ac3', '-b:a', '224k', '-ar', '44100', '-ac', '6']
  ],
  eac3: [
    ['eac3', '-c:a', 'eac3', '-b:a', '96k', '-ar', '48000'],
    ['eac3', '-c:a', 'eac3', '-b:a', '192k', '-ar', '48000', '-ac', '6']
  ],
  'ogg-vorbis': [
    ['ogg', '-c:a', 'libvorbis', '-q:a', '4', '-page_duration', '100000'],
    ['ogg', '-c:a', 'libvorbis', '-q:a', '1', '-ar', '44100', '-ac', '2', '-page_duration', '100000']
  ],
  'ogg-opus': [
    ['opus', '-c:a', 'libopus', '-b:a', '32k', '-page_duration', '100000'],
    ['opus', '-c:a', 'libopus', '-b:a', '48k', '-ac', '2']
  ],
  'ogg-flac': [['ogg', '-c:a', 'flac', '-page_duration', '100000'], ['ogg', '-c:a', 'flac', '-ac', '2']],
  flac: [
    ['flac', '-c:a', 'flac'],
    ['flac', '-c:a', 'flac', '-sample_fmt', 's32', '-bits_per_raw_sample', '24', '-ar', '44100', '-ac', '2'],
    ['flac', '-c:a', 'flac', '-ac', '6']
  ],
  m4a: [
    ['ipod', '-c:a', 'aac', '-b:a', '48k'],
    ['ipod', '-c:a', 'aac', '-b:a', '48k', '-movflags', '+faststart'],
    ['mp4', '-c:a', 'aac', '-b:a', '48k', '-movflags', '+frag_keyframe+empty_moov'],
    ['ipod', '-c:a', 'alac']
  ],
  webm: [
    ['webm', '-c:a', 'libopus', '-b:a', '32k'],
    ['webm', '-c:a', 'libvorbis', '-q:a', '2', '-ac', '2'],
    ['webm', '-c:a', 'libopus', '-b:a', '32k', '-live', '1']
  ]
}

/** Encodes "hello" in every way that is listed; WAV and Speex need no encoder. */
export async function makeSeeds (encoder: Encoder, formats: readonly HostileFormat[] = HOSTILE_FORMATS) {
  const seeds = Object.fromEntries(HOSTILE_FORMATS.map((format) => [format, [] as Buffer[]])) as Record<
    HostileFormat, Buffer[]
  >
  for (const format of formats) seeds[format] = await seedsOf(format, encoder)
  return seeds satisfies Seeds
}

async function seedsOf (format: HostileFormat, encoder: Encoder): Promise<Buffer[]> {
  if (format === 'wav') return validWavs()
  // The FFmpeg of the project has no encoder for it.
  if (format === 'speex') return [readFileSync(`${SPEECH_FOLDER}light-speex.ogg`)]
  const input = helloWav()
  const files = await Promise.all(RECIPES[format].map(([muxer, ...parameters]) =>
    encoder.encode({ input, muxer, parameters })))
  // As with cover art in front.
  return format === 'mp3' ? [...files, Buffer.concat([id3Tag(COVER_BYTES), files[0]!])] : files
}

/** A second, which every answer but "too long" is possible for. */
const SECONDS = 1

function validWavs (): Buffer[] {
  const rates: readonly [encoding: WavEncoding, sampleRateHertz: number, channelCount: number][] = [
    ['s16', 16_000, 1], ['s16', 44_100, 2], ['u8', 8000, 1], ['s24', 48_000, 1], ['f32', 22_050, 1], ['alaw', 8000, 1],
    ['mulaw', 8000, 2], ['ima', 8000, 1], ['ms', 22_050, 2]
  ]
  const wavs = rates.map(([encoding, sampleRateHertz, channelCount]) => writeWav(
    onEveryChannel(tone(440, SECONDS * sampleRateHertz, sampleRateHertz), channelCount),
    { encoding, sampleRateHertz, channelCount }
  ))
  const plain = tone(440, SECONDS * 16_000)
  const forms = [{ validBits: 16 }, { isRf64: true }, { isBigEndian: true }]
  return [...wavs, ...forms.map((form) => writeWav(plain, form))]
}
