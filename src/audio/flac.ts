/**
 * Native FLAC: what the stream says of itself, and how much sound its frames really hold. The total in its header may
 * be missing (written to a pipe) or wrong; the frames have no length, but each has a number and a checksum.
 *
 * @see RFC 9639, 8.2 (STREAMINFO) and 9.1 (frame header)
 */

/** What a FLAC stream holds. */
export interface FlacStream {
  sampleRateHertz: number
  channelCount: number
  bitsPerSample: number
  /** Samples per channel of the frames from the first on, each of which has its right number; of 100 000 at most. */
  sampleCount: number
}

const MARKER_BYTES = 4
const STREAMINFO_BYTES = 34
const IS_LAST_BLOCK = 0x80
const SYNC_BYTE = 0xff
/** The rest of the sync word; its lowest bit says that frames are numbered by their first sample. */
const SYNC_SECOND_BYTE = 0xf8
const IS_VARIABLE = 1
/** A minute has 700 frames as a rule, and 3 MiB of noise hold 12 000 such bytes by chance. */
const MAX_SYNC_BYTE_COUNT = 100_000
const HEADER_MIN_BYTES = 6

/** @returns undefined unless the first block is STREAMINFO, as it must be; never throws */
export function readFlac (bytes: Buffer): FlacStream | undefined {
  const info = bytes.subarray(MARKER_BYTES + 4, MARKER_BYTES + 4 + STREAMINFO_BYTES)
  if (info.length < STREAMINFO_BYTES || (bytes[MARKER_BYTES]! & 0x7f) !== 0) return undefined
  const fields = info.readUInt32BE(10)
  const stream = {
    sampleRateHertz: fields >>> 12,
    channelCount: ((fields >> 9) & 7) + 1,
    bitsPerSample: ((fields >> 4) & 31) + 1
  }
  return { ...stream, sampleCount: countSamples(bytes, endOfMetadata(bytes)) }
}

function endOfMetadata (bytes: Buffer): number {
  let offset = MARKER_BYTES
  let isLast = false
  while (!isLast && offset + 4 <= bytes.length) {
    isLast = (bytes[offset]! & IS_LAST_BLOCK) !== 0
    offset += 4 + bytes.readUIntBE(offset + 1, 3)
  }
  return offset
}

/**
 * Adds up the blocks of frames that follow each other; stops where one is missing. The event loop waits for it, so it
 * looks at a checksum only where the number is right, and not at any number of sync bytes.
 */
function countSamples (bytes: Buffer, from: number): number {
  let sampleCount = 0
  let frameCount = 0
  let offset = bytes.indexOf(SYNC_BYTE, from)
  for (let left = MAX_SYNC_BYTE_COUNT; left > 0 && offset >= 0; left--) {
    const second = bytes[offset + 1] ?? 0
    const expectedNumber = (second & IS_VARIABLE) === 0 ? frameCount : sampleCount
    const isSync = (second & 0xfe) === SYNC_SECOND_BYTE
    const blockSamples = isSync ? blockSamplesOf(bytes, offset, expectedNumber) : 0
    if (blockSamples > 0) {
      sampleCount += blockSamples
      frameCount += 1
    }
    offset = bytes.indexOf(SYNC_BYTE, offset + 1)
  }
  return sampleCount
}

/** @returns 0 unless there is the header of a frame with that number */
function blockSamplesOf (bytes: Buffer, offset: number, expectedNumber: number): number {
  if (offset + HEADER_MIN_BYTES > bytes.length) return 0
  const blockCode = bytes[offset + 2]! >> 4
  const numberBytes = codedNumberBytes(bytes[offset + 4]!)
  const numberEnd = offset + 4 + numberBytes
  if (blockCode === 0 || numberBytes === 0 || numberEnd > bytes.length) return 0
  if (readCodedNumber(bytes, offset + 4, numberEnd) !== expectedNumber) return 0
  const blockField = BLOCK_FIELD_BYTES[blockCode] ?? 0
  const checkOffset = numberEnd + blockField + RATE_FIELD_BYTES[bytes[offset + 2]! & 15]!
  if (checkOffset >= bytes.length || crc8(bytes, offset, checkOffset) !== bytes[checkOffset]) return 0
  return blockField > 0 ? bytes.readUIntBE(numberEnd, blockField) + 1 : BLOCK_SAMPLES[blockCode]!
}

/** By the four bits of the block size; 6 and 7 say that it stands behind the number. */
const BLOCK_SAMPLES = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768]
const BLOCK_FIELD_BYTES: Partial<Record<number, number>> = { 6: 1, 7: 2 }
/** By the four bits of the rate. */
const RATE_FIELD_BYTES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 0]

/** How long a number is that is coded like a character in UTF-8, but of up to seven bytes; 0 when it is none. */
function codedNumberBytes (first: number): number {
  const leadingOnes = Math.clz32(~(first << 24))
  return leadingOnes === 1 || leadingOnes > 7 ? 0 : Math.max(1, leadingOnes)
}

function readCodedNumber (bytes: Buffer, offset: number, endOffset: number): number {
  const first = bytes[offset]!
  if (endOffset === offset + 1) return first
  let value = first & (0x7f >> (endOffset - offset))
  // Not by shifting: sample numbers have 36 bits.
  for (let index = offset + 1; index < endOffset; index++) value = value * 64 + (bytes[index]! & 0x3f)
  return value
}

const CRC8_POLYNOMIAL = 0x07
const CRC8_TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder & 0x80 ? CRC8_POLYNOMIAL : 0)
  return remainder
})

function crc8 (bytes: Buffer, from: number, to: number): number {
  let remainder = 0
  for (let offset = from; offset < to; offset++) remainder = CRC8_TABLE[(remainder ^ bytes[offset]!) & 0xff]!
  return remainder
}
