/**
 * Which files the kit has. The answers do not stand here: `manifest.ts` derives them from size and length, by the
 * documented limits.
 */
import type { Encoding, KitFormat } from './formats.ts'
import { SPEECH_TEXT, type Sound, type Sounds } from './sounds.ts'
import { stripLikeCurl, truncate, withWrongMagic } from './structure.ts'

/** A file that exists in every format, or in some. */
export interface EdgeRecipe {
  /** Of the file, without the extension. */
  name: string
  about: string
  sound: (sounds: Sounds, format: KitFormat) => Sound
  /** Absent: whatever the recogniser makes of it. */
  text?: string
  /** Absent: in every format. */
  isFor?: (format: KitFormat) => boolean
  /** Padded to exactly that size; the sound is then the format's own. */
  sizeBytes?: number
  /** What is done to the finished file. */
  change?: (file: Buffer, format: KitFormat) => Buffer
  /** Nothing can be decoded after the change. */
  isBroken?: true
}

const silence = (durationMs: number) => (sounds: Sounds) => sounds.silence(durationMs)
const tone = (durationMs: number) => (sounds: Sounds) => sounds.tone(durationMs)
const speech = (durationMs?: number) => (sounds: Sounds) => sounds.speech(durationMs)

const MAX_BYTES = 3_145_728

export const EDGE_RECIPES: readonly EdgeRecipe[] = [
  { name: '399ms', about: 'silence of 399 ms', sound: silence(399), text: '' },
  { name: '400ms', about: 'silence of 400 ms, the longest that is too short', sound: silence(400), text: '' },
  { name: '401ms', about: 'silence of 401 ms', sound: silence(401), text: '' },
  {
    name: 'too-short',
    about: 'silence, the largest whole number of frames of no more than 400 ms',
    sound: (sounds, { untold }) => sounds.silence(untold?.shortMs ?? 0),
    text: '',
    isFor: ({ untold }) => untold !== undefined
  },
  { name: '59.9s', about: 'the sentence, then silence to 59.9 s', sound: speech(59_900), text: SPEECH_TEXT },
  { name: '60.0s', about: 'the sentence, then silence to 60.0 s', sound: speech(60_000), text: SPEECH_TEXT },
  { name: '60.1s', about: 'the sentence, then silence to 60.1 s', sound: speech(60_100), text: SPEECH_TEXT },
  {
    name: '60.5s',
    about: 'the sentence, then silence to 60.5 s: too long whatever the encoder added',
    sound: speech(60_500),
    text: SPEECH_TEXT,
    isFor: ({ isLossy }) => isLossy
  },
  ...[
    { name: '3mb-minus-1', sizeBytes: MAX_BYTES - 1, about: 'the sentence in a file of 3 MiB less a byte' },
    { name: '3mb', sizeBytes: MAX_BYTES, about: 'the sentence in a file of exactly 3 MiB, the largest that is taken' },
    { name: '3mb-plus-1', sizeBytes: MAX_BYTES + 1, about: 'the sentence in a file of 3 MiB and a byte' }
  ].map((row): EdgeRecipe => ({
    ...row, sound: (sounds, { padding }) => sounds.speech(padding.speechMs), text: SPEECH_TEXT
  })),
  { name: 'speech', about: `the sentence "${SPEECH_TEXT}"`, sound: speech(), text: SPEECH_TEXT },
  { name: 'silence', about: 'silence of 2 s', sound: silence(2000), text: '' },
  { name: 'tone', about: 'a tone of 440 Hz, 2 s: the words that are heard in it are the recogniser\'s own', sound: tone(2000) },
  { name: 'truncated', about: 'the first half of the bytes of the sentence', sound: speech(), change: truncate },
  {
    name: 'no-data',
    about: 'the beginning of the file, without any sound behind it',
    sound: speech(),
    change: (file, { headOf }) => headOf(file),
    isBroken: true
  },
  {
    name: 'wrong-magic',
    about: 'the sentence, with the first eight bytes of a PNG picture in place of its own',
    sound: speech(),
    change: withWrongMagic,
    isBroken: true
  }
]

/** A file of the folder `other`: CSR takes none of them. */
export interface OtherRecipe {
  /** Of the file, with the extension. */
  name: string
  about: string
  /** Made of the sentence; absent for a file without a byte. */
  encoding?: Encoding
  change?: (file: Buffer) => Buffer
}

export const OTHER_RECIPES: readonly OtherRecipe[] = [
  { name: 'empty', about: 'no bytes' },
  {
    name: 'curl-stripped.wav',
    about: 'what curl sends of the spoken WAV with --data instead of --data-binary',
    encoding: { muxer: 'wav' },
    change: stripLikeCurl
  },
  { name: 'headerless.pcm', about: 'the samples of the sentence without a header', encoding: { muxer: 's16le' } },
  {
    name: 'speech.m4a',
    about: 'the sentence as AAC in MP4, as phones record it; CSR does not list it',
    encoding: { muxer: 'ipod', parameters: ['-c:a', 'aac', '-b:a', '48k'] }
  },
  {
    name: 'speech.webm',
    about: 'the sentence as Opus in WebM without a duration, as browsers record it; CSR does not list it',
    encoding: { muxer: 'webm', parameters: ['-c:a', 'libopus', '-b:a', '32k', '-live', '1'] }
  },
  { name: 'speech.caf', about: 'the sentence as CAF; CSR does not list it', encoding: { muxer: 'caf' } },
  { name: 'speech.aiff', about: 'the sentence as AIFF; CSR does not list it', encoding: { muxer: 'aiff' } },
  {
    name: 'speech.wma',
    about: 'the sentence as WMA; CSR does not list it',
    encoding: { muxer: 'asf', parameters: ['-c:a', 'wmav2', '-b:a', '64k'] }
  }
]
