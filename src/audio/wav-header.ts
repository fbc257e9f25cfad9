/**
 * Reads the header of a WAV file without trusting it: what the file claims, and what is really there.
 * Nobody else looks at header fields before this has passed them.
 *
 * @see "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), EBU Tech 3306 (RF64), mmreg.h
 */

/** A size that a writer puts where it cannot know the size: it writes to a pipe. RF64 means "see ds64" by it. */
const UNKNOWN_SIZE = 0xffff_ffff
// Chunk identifiers as big-endian numbers.
const FMT_ID = 0x666d_7420
const DATA_ID = 0x6461_7461
const DS64_ID = 0x6473_3634
const CHUNK_HEADER_BYTES = 8
/** A real file has a handful before its data; 3 MiB of empty ones would take 20 ms to walk. */
const MAX_CHUNK_COUNT = 1000
const FORMAT_MIN_BYTES = 16
const FORMAT_EXTENSIBLE_BYTES = 40
const EXTENSIBLE_TAG = 0xfffe
/** The last 14 of the 16 bytes of a sub format that stands for a format tag (KSDATAFORMAT_SUBTYPE_…, ksmedia.h). */
const SUB_FORMAT_TAIL = Buffer.from('000000001000800000aa00389b71', 'hex')

/** What a WAV file says about itself, checked against its real size. */
export interface WavHeader {
  /** The format tag as written: 1 is integer PCM, 0xfffe is EXTENSIBLE. */
  formatTag: number
  /** As FFmpeg calls it (`pcm_s16le`), `unknown` for a tag without a row; EXTENSIBLE is resolved. */
  encoding: string
  channelCount: number
  sampleRateHertz: number
  bytesPerSecond: number
  blockBytes: number
  bitsPerSample: number
  /** EXTENSIBLE only: how many of `bitsPerSample` carry sound, and where in the file that is written. */
  validBits: { count: number, offset: number } | undefined
  /** Samples per channel in one block: 1 unless ADPCM or GSM; undefined for other encodings. */
  blockFrameCount: number | undefined
  dataOffset: number
  /** As written; 0 and 0xffffffff stand for "to the end of the file". */
  declaredDataBytes: number
  /** From `dataOffset` to the end of the data or of the file, whichever comes first. */
  availableDataBytes: number
  /** The data has a size, and that many bytes are there. */
  isHonest: boolean
}

export type WavHeaderReading = { header: WavHeader } | { problem: string }

/**
 * Walks the chunks up to `data`.
 *
 * @param bytes anything; only what `sniff` calls a WAV gives a header
 * @returns the header, or in plain words why there is none; never throws
 */
export function readWavHeader (bytes: Buffer): WavHeaderReading {
  let format: ReturnType<typeof readFormat>
  let longDataBytes: number | undefined
  for (const { id, start, sizeBytes } of chunksOf(bytes)) {
    const body = bytes.subarray(start, start + sizeBytes)
    if (id === FMT_ID) format ??= readFormat(body, start)
    if (id === DS64_ID && body.length >= 16) longDataBytes = Number(body.readBigUInt64LE(8))
    if (id === DATA_ID) {
      if (format === undefined) break
      return { header: { ...format, ...measureData(bytes.length, start, sizeBytes, longDataBytes) } }
    }
  }
  const missing = format === undefined ? 'whole fmt chunk before its data' : 'data chunk'
  return { problem: `the WAV file has no ${missing}` }
}

/** Every chunk whose header is there, in the order of the file; its body may be cut off. */
function * chunksOf (bytes: Buffer) {
  let offset = 12
  for (let count = 0; count < MAX_CHUNK_COUNT && offset + CHUNK_HEADER_BYTES <= bytes.length; count++) {
    const id = bytes.readUInt32BE(offset)
    const sizeBytes = bytes.readUInt32LE(offset + 4)
    const start = offset + CHUNK_HEADER_BYTES
    yield { id, start, sizeBytes }
    // A chunk of an odd size is followed by a byte that its size does not count.
    offset = start + sizeBytes + (sizeBytes & 1)
  }
}

function measureData (fileBytes: number, dataOffset: number, sizeBytes: number, longDataBytes: number | undefined) {
  const declaredDataBytes = sizeBytes === UNKNOWN_SIZE && longDataBytes !== undefined ? longDataBytes : sizeBytes
  const restBytes = fileBytes - dataOffset
  const isUnknown = declaredDataBytes === 0 || declaredDataBytes === UNKNOWN_SIZE
  return {
    dataOffset,
    declaredDataBytes,
    availableDataBytes: isUnknown ? restBytes : Math.min(declaredDataBytes, restBytes),
    isHonest: !isUnknown && declaredDataBytes <= restBytes
  }
}

/** `offset` is where the chunk's body lies in the file. */
function readFormat (body: Buffer, offset: number) {
  if (body.length < FORMAT_MIN_BYTES) return undefined
  const formatTag = body.readUInt16LE(0)
  const bitsPerSample = body.readUInt16LE(14)
  const isExtensible = formatTag === EXTENSIBLE_TAG && body.length >= FORMAT_EXTENSIBLE_BYTES
  const row = ENCODINGS[isExtensible ? tagOfSubFormat(body) : formatTag]
  return {
    formatTag,
    encoding: row?.nameOf(bitsPerSample) ?? 'unknown',
    channelCount: body.readUInt16LE(2),
    sampleRateHertz: body.readUInt32LE(4),
    bytesPerSecond: body.readUInt32LE(8),
    blockBytes: body.readUInt16LE(12),
    bitsPerSample,
    validBits: isExtensible ? { count: body.readUInt16LE(18), offset: offset + 18 } : undefined,
    blockFrameCount: row && BLOCK_FRAME_COUNTS[row.blockHolds](body)
  }
}

function tagOfSubFormat (body: Buffer): number {
  return SUB_FORMAT_TAIL.equals(body.subarray(26, 40)) ? body.readUInt16LE(24) : EXTENSIBLE_TAG
}

/** What a block holds, in samples per channel: one; many, which a field says; something that has no such number. */
const BLOCK_FRAME_COUNTS = {
  one: () => 1,
  many: (body: Buffer) => body.length >= 20 ? body.readUInt16LE(18) : undefined,
  unknown: () => undefined
}

interface EncodingRow {
  nameOf: (bitsPerSample: number) => string
  blockHolds: keyof typeof BLOCK_FRAME_COUNTS
}

/** By format tag (mmreg.h). The names are FFmpeg's, for whoever compares with `ffprobe`. */
const ENCODINGS: Partial<Record<number, EncodingRow>> = {
  0x01: { nameOf: bits => bits <= 8 ? 'pcm_u8' : `pcm_s${bits}le`, blockHolds: 'one' },
  0x02: { nameOf: () => 'adpcm_ms', blockHolds: 'many' },
  0x03: { nameOf: bits => `pcm_f${bits}le`, blockHolds: 'one' },
  0x06: { nameOf: () => 'pcm_alaw', blockHolds: 'one' },
  0x07: { nameOf: () => 'pcm_mulaw', blockHolds: 'one' },
  0x11: { nameOf: () => 'adpcm_ima_wav', blockHolds: 'many' },
  0x31: { nameOf: () => 'gsm_ms', blockHolds: 'many' },
  0x45: { nameOf: () => 'adpcm_g726', blockHolds: 'unknown' },
  0x50: { nameOf: () => 'mp2', blockHolds: 'unknown' },
  0x55: { nameOf: () => 'mp3', blockHolds: 'unknown' }
}

/**
 * How many samples per channel the data holds, or undefined when the header does not allow to tell.
 * Not a promise: a header that lies about its blocks lies here too, so compare it with what was decoded.
 */
export function countFrames (header: WavHeader): number | undefined {
  const { blockBytes, blockFrameCount, availableDataBytes } = header
  if (blockBytes === 0 || blockFrameCount === undefined) return undefined
  return Math.floor(availableDataBytes / blockBytes) * blockFrameCount
}

/** Whether each frame that `countFrames` gives is there: no writer decides how many of them a block of PCM holds. */
export function hasHonestCount (header: WavHeader): boolean {
  return header.isHonest && /^pcm_/.test(header.encoding) && header.blockFrameCount === 1
}
