/** Changes to finished files that decoders skip, and changes that make a file useless. */

const RIFF_HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
const FLAC_STREAMINFO_END = 42
const FLAC_PADDING_BLOCK = 1
const ID3_HEADER_BYTES = 10
const OGG_GRANULE_OFFSET = 6

/** WAV: a chunk `JUNK` in front of the sound, as editors write it; an odd byte goes behind the end. */
export function withJunkChunk (file: Buffer, paddingBytes: number): Buffer {
  const bodyBytes = Math.max(0, paddingBytes - CHUNK_HEADER_BYTES) & ~1
  const junk = Buffer.alloc(CHUNK_HEADER_BYTES + bodyBytes)
  junk.write('JUNK', 0, 'latin1')
  junk.writeUInt32LE(bodyBytes, 4)
  const riff = Buffer.from(file.subarray(0, RIFF_HEADER_BYTES))
  riff.writeUInt32LE(riff.readUInt32LE(4) + junk.length, 4)
  return Buffer.concat([riff, junk, file.subarray(RIFF_HEADER_BYTES), Buffer.alloc(paddingBytes & 1)])
}

/** FLAC: a block PADDING behind STREAMINFO, as taggers leave it. */
export function withFlacPadding (file: Buffer, paddingBytes: number): Buffer {
  const block = Buffer.alloc(Math.max(4, paddingBytes))
  block[0] = FLAC_PADDING_BLOCK
  block.writeUIntBE(block.length - 4, 1, 3)
  return Buffer.concat([file.subarray(0, FLAC_STREAMINFO_END), block, file.subarray(FLAC_STREAMINFO_END)])
}

/** MP3 and ADTS: an ID3v2.4 tag in front, with a title and the padding that taggers leave for more. */
export function withId3Tag (file: Buffer, paddingBytes: number): Buffer {
  const title = Buffer.from('TIT2\0\0\0\x04\0\0\0CSR', 'latin1')
  const tag = Buffer.alloc(Math.max(ID3_HEADER_BYTES + title.length, paddingBytes))
  tag.write('ID3\x04', 0, 'latin1')
  let restBytes = tag.length - ID3_HEADER_BYTES
  // Seven bits in each byte, the lowest last.
  for (let offset = 9; offset >= 6; offset--) {
    tag[offset] = restBytes & 0x7f
    restBytes >>>= 7
  }
  title.copy(tag, ID3_HEADER_BYTES)
  return Buffer.concat([tag, file])
}

/** The file without its last bytes, `-paddingBytes` of them. */
export function cutOff (file: Buffer, paddingBytes: number): Buffer {
  return file.subarray(0, file.length + Math.min(0, paddingBytes))
}

/** Ogg: how long the pages with the headers are. On them the position in the sound is 0, on all others it is not. */
export function oggHeaderBytes (file: Buffer): number {
  let offset = 0
  while (offset >= 0 && file.readBigUInt64LE(offset + OGG_GRANULE_OFFSET) === 0n) offset = file.indexOf('OggS', offset + 1)
  return offset < 0 ? file.length : offset
}

/** The first eight bytes of a PNG picture in place of its own. Nothing that looks at them plays it. */
export function withWrongMagic (file: Buffer): Buffer {
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([signature, file.subarray(signature.length)])
}

/** The first half of the bytes. */
export function truncate (file: Buffer): Buffer {
  return file.subarray(0, Math.floor(file.length / 2))
}

const CURL_LINE_BYTES = 255
const LINE_FEED = 0x0a
const CURL_ENDS = new Set([0x00, 0x0d, LINE_FEED])

/** What `curl --data @file` sends instead of the file: of every line, or of 255 bytes, what stands before CR or NUL. */
export function stripLikeCurl (file: Buffer): Buffer {
  const kept: Buffer[] = []
  let offset = 0
  while (offset < file.length) {
    const line = file.subarray(offset, offset + CURL_LINE_BYTES)
    const lineFeed = line.indexOf(LINE_FEED)
    const end = line.findIndex((byte) => CURL_ENDS.has(byte))
    kept.push(end < 0 ? line : line.subarray(0, end))
    offset += lineFeed < 0 ? line.length : lineFeed + 1
  }
  return Buffer.concat(kept)
}
