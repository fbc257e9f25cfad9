/**
 * Tells what an upload is by its first bytes. File names and content types are not asked: clients get them wrong.
 *
 * Most rows exist only to refuse by name: the client is told the same four words for all of them (STT006), so the log
 * is where somebody finds out what they sent.
 */

/** FFmpeg's name for the reader of a container (`-f`); a closed list keeps its own prober out of it. */
export type Demuxer = 'wav'

/** What was found. `refusal` is a reason for the log. */
export type Sniffed =
  | { container: string, demuxer: Demuxer }
  | { container: string, refusal: string }

interface Row {
  container: string
  /** Must cope with any bytes of any length. */
  matches: (bytes: Buffer) => boolean
  /** Absent: known, but not decoded yet. */
  verdict?: { demuxer: Demuxer } | { refusal: string }
}

/** How far text-like checks look. */
const TEXT_BYTES = 1024

/**
 * Names what the bytes are.
 *
 * @param bytes the whole body; any bytes, also none
 * @returns the first row that matches; never throws
 */
export function sniff (bytes: Buffer): Sniffed {
  const row = ROWS.find(({ matches }) => matches(bytes))
  if (row === undefined) return HEADERLESS
  const { container, verdict = { refusal: `${container} is not decoded yet: send WAV` } } = row
  return { container, ...verdict }
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

function isMultipart (bytes: Buffer): boolean {
  return hasText(bytes, '--', 0) && /content-disposition:/i.test(bytes.toString('latin1', 0, TEXT_BYTES))
}

/** 11 bits of sync, then layer III of a version that exists, with a bit rate and a sample rate that exist. */
function isMp3Frame (bytes: Buffer): boolean {
  const [sync, kind, rates] = bytes
  return sync === 0xff && kind !== undefined && (kind & 0xe6) === 0xe2 && (kind & 0x18) !== 0x08 &&
    rates !== undefined && (rates & 0xf0) !== 0xf0 && (rates & 0xf0) !== 0 && (rates & 0x0c) !== 0x0c
}

/** 12 bits of sync, layer 0, one of the 13 sample rates. */
function isAdtsFrame (bytes: Buffer): boolean {
  const [sync, kind, profile] = bytes
  return sync === 0xff && kind !== undefined && (kind & 0xf6) === 0xf0 &&
    profile !== undefined && ((profile >> 2) & 0x0f) < 13
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

/** The first match counts, so rows with long signatures stand above those with short ones. */
const ROWS: readonly Row[] = [
  {
    container: 'stripped WAV',
    matches: isStrippedWav,
    verdict: { refusal: 'the body looks like a WAV that curl --data has stripped of CR, LF and NUL: use --data-binary' }
  },
  {
    container: 'WAV sent as text',
    matches: isWavThroughText,
    verdict: { refusal: 'the body looks like a WAV that was read or sent as text (it holds U+FFFD): send its bytes' }
  },
  {
    container: 'RIFX',
    matches: bytes => hasText(bytes, 'RIFX', 0) && isWave(bytes),
    // FFmpeg 5.1 takes its samples for little-endian ones, without an error.
    verdict: { refusal: 'a WAV with big-endian samples (RIFX) is not decoded: send a RIFF one' }
  },
  { container: 'wav', matches: bytes => isRiff(bytes) && isWave(bytes), verdict: { demuxer: 'wav' } },
  { container: 'AVI', matches: startsWith('AVI ', 8), verdict: { refusal: 'AVI is not a sound file' } },
  { container: 'WebP', matches: startsWith('WEBP', 8), verdict: { refusal: 'WebP is not a sound file' } },
  {
    container: 'damaged WAV',
    matches: isRiff,
    verdict: { refusal: 'the body starts like a WAV, but WAVE is not at byte 8: the file is cut off or damaged' }
  },
  {
    container: 'multipart/form-data',
    matches: isMultipart,
    verdict: { refusal: 'the body is multipart/form-data: send the bytes of the file alone' }
  },
  { container: 'MP3', matches: anyOf(startsWith('ID3'), isMp3Frame) },
  { container: 'AAC (ADTS)', matches: anyOf(isAdtsFrame, startsWith('ADIF')) },
  { container: 'AC-3', matches: startsWithBytes('0b77') },
  { container: 'Ogg', matches: startsWith('OggS') },
  { container: 'FLAC', matches: startsWith('fLaC') },
  { container: 'WebM', matches: startsWithBytes('1a45dfa3') },
  { container: 'MP4 or M4A', matches: anyOf(...['ftyp', 'moov', 'mdat', 'wide'].map(id => startsWith(id, 4))) },
  { container: 'AMR', matches: startsWith('#!AMR') },
  { container: 'CAF', matches: startsWith('caff') },
  { container: 'AIFF', matches: startsWith('FORM') },
  { container: 'Sun AU', matches: startsWith('.snd') },
  { container: 'WMA (ASF)', matches: startsWithBytes('3026b275') },
  { container: 'WavPack', matches: startsWith('wvpk') },
  { container: 'DTS', matches: startsWithBytes('7ffe8001') },
  { container: 'W64', matches: startsWithBytes('726966662e91cf11') },
  { container: 'gzip', matches: startsWithBytes('1f8b'), verdict: { refusal: 'the body is gzip: send the file itself' } },
  { container: 'ZIP', matches: startsWithBytes('504b0304'), verdict: { refusal: 'the body is a ZIP: send the file itself' } },
  { container: 'PNG', matches: startsWithBytes('89504e47'), verdict: { refusal: 'the body is a PNG image' } },
  { container: 'JPEG', matches: startsWithBytes('ffd8ff'), verdict: { refusal: 'the body is a JPEG image' } },
  { container: 'GIF', matches: startsWith('GIF8'), verdict: { refusal: 'the body is a GIF image' } },
  { container: 'PDF', matches: startsWith('%PDF'), verdict: { refusal: 'the body is a PDF document' } },
  {
    container: 'data URL',
    matches: isTextMatching(/^data:[^,]{0,200},/),
    verdict: { refusal: 'the body is a data: URL: decode it and send the bytes' }
  },
  {
    container: 'JSON',
    matches: isTextMatching(/^\s*[[{]/),
    verdict: { refusal: 'the body is JSON: send the bytes of the file alone' }
  },
  {
    container: 'HTML or XML',
    matches: isTextMatching(/^\s*</),
    verdict: { refusal: 'the body is HTML or XML: send the bytes of the file alone' }
  },
  {
    container: 'base64',
    matches: isTextMatching(/^[\w+/-]{16,}[\w+/=\r\n-]*$/),
    verdict: { refusal: 'the body looks like base64: decode it and send the bytes' }
  },
  {
    container: 'text',
    matches: isText,
    verdict: { refusal: 'the body is text, perhaps the name of a file: send the bytes of the file' }
  }
]

const HEADERLESS: Sniffed = {
  container: 'unknown',
  refusal: 'no container recognised; if this is raw PCM put a WAV header before it'
}
