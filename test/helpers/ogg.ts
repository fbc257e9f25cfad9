/** Writes and changes Ogg files: pages with their checksums (RFC 3533). */

export interface OggPage {
  packets: readonly Buffer[]
  /** 0 unless given. */
  granule?: bigint
  isFirst?: boolean
  isLast?: boolean
  serial?: number
  sequence?: number
}

const HEADER_BYTES = 27
const IS_FIRST = 2
const IS_LAST = 4
const CRC_OFFSET = 22
const MAX_SEGMENT_COUNT = 255

/** One page of whole packets; together they need at most 255 segments of 255 bytes. */
export function oggPage (page: OggPage): Buffer {
  const { packets, granule = 0n, isFirst = false, isLast = false, serial = 1, sequence = 0 } = page
  const lacing = packets.flatMap(({ length }) => [...Array<number>(Math.floor(length / 255)).fill(255), length % 255])
  if (lacing.length > MAX_SEGMENT_COUNT) throw new RangeError(`${lacing.length} segments do not fit on a page`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('OggS', 'latin1')
  header[5] = (isFirst ? IS_FIRST : 0) | (isLast ? IS_LAST : 0)
  header.writeBigInt64LE(granule, 6)
  header.writeUInt32LE(serial, 14)
  header.writeUInt32LE(sequence, 18)
  header[26] = lacing.length
  return withChecksum(Buffer.concat([header, Buffer.from(lacing), ...packets]))
}

/** The pages of a file without damage. */
export function pagesOf (file: Buffer): Buffer[] {
  const pages: Buffer[] = []
  for (let offset = 0; offset + HEADER_BYTES <= file.length; offset += pages.at(-1)!.length) {
    const segments = file.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + file[offset + 26]!)
    const bodyBytes = segments.reduce((sum, byte) => sum + byte, 0)
    pages.push(file.subarray(offset, offset + HEADER_BYTES + segments.length + bodyBytes))
  }
  return pages
}

/**
 * Repeats the sound of a file until it has about `maxBytes`. Every page has its right number, position and checksum.
 *
 * @param file no page of its sound begins in mid-packet; as libvorbis and libopus write them for short sounds
 */
export function repeatSound (file: Buffer, maxBytes: number): Buffer {
  const pages = pagesOf(file)
  const firstSoundPage = pages.findIndex((page) => page.readBigInt64LE(6) > 0n)
  const sound = pages.slice(firstSoundPage)
  const granules = sound.at(-1)!.readBigInt64LE(6)
  const soundBytes = sound.reduce((sum, { length }) => sum + length, 0)
  const head = pages.slice(0, firstSoundPage)
  const headBytes = head.reduce((sum, { length }) => sum + length, 0)
  const times = Math.floor((maxBytes - headBytes) / soundBytes)
  const repeated = Array.from({ length: times }, (_, time) => sound.map((page, index) => {
    const copy = Buffer.from(page)
    copy[5]! &= ~IS_LAST
    copy.writeBigInt64LE(page.readBigInt64LE(6) + granules * BigInt(time), 6)
    copy.writeUInt32LE(firstSoundPage + time * sound.length + index, 18)
    return withChecksum(copy)
  }))
  return Buffer.concat([...head, ...repeated.flat()])
}

/** Writes the checksum into the page that it gets. */
function withChecksum (page: Buffer): Buffer {
  page.writeUInt32LE(0, CRC_OFFSET)
  let remainder = 0
  for (const byte of page) remainder = (remainder << 8) ^ CRC_TABLE[(remainder >>> 24) ^ byte]!
  page.writeUInt32LE(remainder >>> 0, CRC_OFFSET)
  return page
}

const CRC_POLYNOMIAL = 0x04c1_1db7
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? CRC_POLYNOMIAL : 0)
  return remainder
})
