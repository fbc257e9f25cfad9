/** ID3v2 tags, which music players put in front of MP3, ADTS and, against its standard, FLAC: titles, cover art. */

/** How every tag begins: `ID3`. */
const MARKER = [0x49, 0x44, 0x33] as const
const HEADER_BYTES = 10
const HAS_FOOTER = 0x10

/**
 * Where the sound begins: behind all ID3v2 tags. A tag that claims to be longer than the file ends with the file.
 *
 * @see "ID3 tag version 2.4.0 - Main Structure", 3.1: the size has seven bits in a byte and does not count the header
 */
export function endOfTags (bytes: Buffer): number {
  let offset = 0
  // No strings and no views here: 3 MiB can hold 300 000 empty tags, and the event loop waits meanwhile.
  while (offset + HEADER_BYTES <= bytes.length && isTag(bytes, offset)) {
    const footerBytes = (bytes[offset + 5]! & HAS_FOOTER) === 0 ? 0 : HEADER_BYTES
    offset = Math.min(bytes.length, offset + HEADER_BYTES + sizeOf(bytes, offset + 6) + footerBytes)
  }
  return offset
}

function isTag (bytes: Buffer, offset: number): boolean {
  return bytes[offset] === MARKER[0] && bytes[offset + 1] === MARKER[1] && bytes[offset + 2] === MARKER[2]
}

function sizeOf (bytes: Buffer, offset: number): number {
  let size = 0
  for (let index = offset; index < offset + 4; index++) size = (size << 7) | (bytes[index]! & 0x7f)
  return size
}
