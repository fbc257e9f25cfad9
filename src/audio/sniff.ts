/**
 * Tells what an upload is by its first bytes. File names and content types are not asked: clients get them wrong.
 *
 * Most rows exist only to refuse by name: the client is told the same four words for all of them (STT006), so the log
 * is where somebody finds out what they sent.
 */

import { hasFrames } from './frame-chain.ts'
import { AC3_FRAMES, ADTS_FRAMES, MP3_FRAMES, type FrameFormat } from './frame-headers.ts'
import { endOfTags } from './id3.ts'

/** What the vendor lists: files that are decoded. */
export type ListedContainer = 'wav' | 'flac' | 'ogg' | 'mp3' | 'adts' | 'ac3'
/** What the vendor does not list, though it can be decoded. */
export type UnlistedContainer = 'mp4' | 'webm'
export type Container = ListedContainer | UnlistedContainer

/** What was found. `startOffset` is the end of the tags in front of it; `refusal` is a reason for the log. */
export type Sniffed =
  | { container: ListedContainer, startOffset: number }
  | { refusal: string, startOffset: number, unlisted?: UnlistedContainer }

type Row = {
  /** Must cope with any bytes of any length. */
  matches: (bytes: Buffer) => boolean
} & ({ container: ListedContainer } | { refusal: string, unlisted?: UnlistedContainer })

/** How far text-like checks look. */
const TEXT_BYTES = 1024

/**
 * Names what the bytes are.
 *
 * @param bytes the whole body; any bytes, also none
 * @returns the first row that matches; never throws
 */
export function sniff (bytes: Buffer): Sniffed {
  const startOffset = endOfTags(bytes)
  const sound = bytes.subarray(startOffset)
  const row = ROWS.find(({ matches }) => matches(sound))
  if (row === undefined) return { startOffset, refusal: startOffset > 0 ? NOTHING_BEHIND_TAG : HEADERLESS }
  const { matches, ...verdict } = row
  return { startOffset, ...verdict }
}

function startsWith (text: string, offset = 0): (bytes: Buffer) => boolean {
  return bytes => hasText(bytes, text, offset)
}

function startsWithBytes (hex: string, offset = 0): (bytes: Buffer) => boolean {
  return startsWith(Buffer.from(hex, 'hex').toString('latin1'), offset)
}

function anyOf (...matchers: Array<(bytes: Buffer) => boolean>): (bytes: Buffer) => boolean {
  return bytes => matchers.some(matches => matches(bytes))
}

/** `text` is latin1: one character per byte. */
function hasText (bytes: Buffer, text: string, offset: number): boolean {
  return bytes.toString('latin1', offset, offset + text.length) === text
}

const isRiff = anyOf(...['RIFF', 'RF64', 'RIFX', 'BW64'].map(id => startsWith(id)))
const isWave = startsWith('WAVE', 8)

/**
 * `curl --data @file` ends each line at its first NUL and drops CR and LF: none of the three is left anywhere, and
 * often no `WAVE` either. A whole header never lacks a NUL, for its sizes are small numbers in four bytes.
 */
function isStrippedWav (bytes: Buffer): boolean {
  return isRiff(bytes) && bytes.length >= 12 && ![0x00, 0x0a, 0x0d].some(byte => bytes.includes(byte))
}

/** A file read as UTF-8 text and written again: each byte that was not UTF-8 became U+FFFD. */
function isWavThroughText (bytes: Buffer): boolean {
  return isRiff(bytes) && !isWave(bytes) && bytes.subarray(0, TEXT_BYTES).includes('\ufffd')
}

/** A file of boxes; the first is a short one, so that its size begins with a zero and no text looks like it. */
function isBox (type: string): (bytes: Buffer) => boolean {
  return bytes => bytes[0] === 0 && hasText(bytes, type, 4)
}

function isMultipart (bytes: Buffer): boolean {
  return hasText(bytes, '--', 0) && /content-disposition:/i.test(bytes.toString('latin1', 0, TEXT_BYTES))
}

function isRowOf (format: FrameFormat): (bytes: Buffer) => boolean {
  return (bytes) => hasFrames(bytes, 0, format)
}

/** A single header proves little, but it tells somebody who sent half a file what it was. */
function beginsWithFrame (...formats: FrameFormat[]): (bytes: Buffer) => boolean {
  return (bytes) => formats.some(({ read }) => read(bytes, 0) !== undefined)
}

function isText (bytes: Buffer): boolean {
  const start = bytes.subarray(0, TEXT_BYTES)
  return start.length > 0 && !start.some(isControl) && isUtf8Start(start)
}

function isControl (byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
}

/** A character that is cut off at the end is fine. */
function isUtf8Start (bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

function isTextMatching (pattern: RegExp): (bytes: Buffer) => boolean {
  return bytes => isText(bytes) && pattern.test(bytes.toString('latin1', 0, TEXT_BYTES))
}

const LISTED = 'MP3, AAC (ADTS), AC3, OGG, FLAC or WAV'

/** A format that CSR does not list. */
function unlisted (name: string, matches: Row['matches']): Row {
  return { matches, refusal: `the body is ${name}, which CSR does not list: send ${LISTED}` }
}

/** Something that is no sound. */
function foreign (name: string, matches: Row['matches'], advice = `send ${LISTED}`): Row {
  return { matches, refusal: `the body is ${name}: ${advice}` }
}

/** The first match counts, so rows with long signatures stand above those with short ones. */
const ROWS: readonly Row[] = [
  {
    matches: isStrippedWav,
    refusal: 'the body looks like a WAV that curl --data has stripped of CR, LF and NUL: use --data-binary'
  },
  {
    matches: isWavThroughText,
    refusal: 'the body looks like a WAV that was read or sent as text (it holds U+FFFD): send its bytes'
  },
  {
    matches: bytes => hasText(bytes, 'RIFX', 0) && isWave(bytes),
    // FFmpeg 5.1 takes its samples for little-endian ones, without an error.
    refusal: 'a WAV with big-endian samples (RIFX) is not decoded: send a RIFF one'
  },
  { container: 'wav', matches: bytes => isRiff(bytes) && isWave(bytes) },
  { container: 'flac', matches: startsWith('fLaC') },
  { container: 'ogg', matches: startsWith('OggS') },
  {
    unlisted: 'mp4',
    matches: anyOf(...['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide'].map(isBox)),
    refusal: `the body is MP4 or M4A, which CSR does not list: send ${LISTED}; ` +
      '"ffmpeg -i in.m4a -c:a copy out.aac" makes ADTS of it without a loss (CSR_ACCEPT_M4A_WEBM=true accepts it here)'
  },
  {
    unlisted: 'webm',
    matches: startsWithBytes('1a45dfa3'),
    refusal: `the body is WebM, as browsers record it, which CSR does not list: send ${LISTED}; ` +
      '"ffmpeg -i in.webm -c:a copy out.ogg" makes Ogg of it without a loss (CSR_ACCEPT_M4A_WEBM=true accepts it here)'
  },
  foreign('AVI', bytes => isRiff(bytes) && hasText(bytes, 'AVI ', 8)),
  foreign('a WebP image', bytes => isRiff(bytes) && hasText(bytes, 'WEBP', 8)),
  {
    matches: isRiff,
    refusal: 'the body starts like a WAV, but WAVE is not at byte 8: the file is cut off or damaged'
  },
  foreign('multipart/form-data', isMultipart, 'send the bytes of the file alone'),
  unlisted('AMR', startsWith('#!AMR')),
  unlisted('CAF', startsWith('caff')),
  unlisted('AIFF', startsWith('FORM')),
  unlisted('Sun AU', startsWith('.snd')),
  unlisted('WMA (ASF)', startsWithBytes('3026b275')),
  unlisted('WavPack', startsWith('wvpk')),
  unlisted('True Audio', startsWith('TTA1')),
  unlisted('Monkey\'s Audio', startsWith('MAC ')),
  unlisted('DTS', startsWithBytes('7ffe8001')),
  unlisted('W64', startsWithBytes('726966662e91cf11')),
  unlisted('AAC in ADIF', startsWith('ADIF')),
  unlisted('MIDI', startsWith('MThd')),
  unlisted('FLV', startsWith('FLV\x01')),
  foreign('gzip', startsWithBytes('1f8b'), 'send the file itself'),
  foreign('a ZIP', startsWithBytes('504b0304'), 'send the file itself'),
  foreign('a PNG image', startsWithBytes('89504e47')),
  foreign('a JPEG image', startsWithBytes('ffd8ff')),
  foreign('a GIF image', startsWith('GIF8')),
  foreign('a PDF document', startsWith('%PDF')),
  { container: 'mp3', matches: isRowOf(MP3_FRAMES) },
  { container: 'adts', matches: isRowOf(ADTS_FRAMES) },
  { container: 'ac3', matches: isRowOf(AC3_FRAMES) },
  {
    matches: beginsWithFrame(MP3_FRAMES, ADTS_FRAMES, AC3_FRAMES),
    refusal: 'the body begins like MP3, AAC or AC3, but no frame is followed by another: the file is cut off or damaged'
  },
  foreign('a data: URL', isTextMatching(/^data:[^,]{0,200},/), 'decode it and send the bytes'),
  foreign('JSON', isTextMatching(/^\s*[[{]/), 'send the bytes of the file alone'),
  foreign('HTML or XML', isTextMatching(/^\s*</), 'send the bytes of the file alone'),
  {
    matches: isTextMatching(/^[\w+/-]{16,}[\w+/=\r\n-]*$/),
    refusal: 'the body looks like base64: decode it and send the bytes'
  },
  foreign('text, perhaps the name of a file', isText, 'send the bytes of the file')
]

const HEADERLESS = 'no container recognised; if this is raw PCM put a WAV header before it'
const NOTHING_BEHIND_TAG = 'the body is an ID3 tag with no MP3 or AAC behind it: the file is cut off or damaged'
