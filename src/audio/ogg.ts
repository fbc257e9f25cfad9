/**
 * Ogg: which codec a file holds, by the first packet of each of its streams.
 *
 * @see RFC 3533 (pages), RFC 7845 (Opus), Vorbis I 4.2.2, "Ogg FLAC mapping", the Speex manual 8
 */

/** The first stream of sound in an Ogg file. */
export interface OggStream {
  /** As FFmpeg calls it: `vorbis`, `opus`, `flac`, `speex`. */
  encoding: string
  sampleRateHertz: number
  channelCount: number
}

/** How every page begins: `OggS`. */
const MARKER = [0x4f, 0x67, 0x67, 0x53] as const
const PAGE_HEADER_BYTES = 27
const TYPE_OFFSET = 5
const SEGMENT_COUNT_OFFSET = 26
const IS_FIRST_PAGE = 0x02
const MAX_READ_STREAM_COUNT = 16
/** Letters that may begin a page: 3 MiB of noise hold 12 000, of text 50 000. */
const MAX_CANDIDATE_COUNT = 100_000
const OPUS_RATE_HERTZ = 48_000

interface Codec {
  encoding: string
  /** Latin1: one character per byte. */
  magic: string
  read (packet: Buffer): Omit<OggStream, 'encoding'>
  /** Of the first packet, as far as it is read. */
  minBytes: number
}

const CODECS: readonly Codec[] = [
  {
    encoding: 'opus',
    magic: 'OpusHead',
    minBytes: 10,
    // Opus is decoded at 48 kHz, whatever the rate of the recording was.
    read: (packet) => ({ channelCount: packet[9]!, sampleRateHertz: OPUS_RATE_HERTZ })
  },
  {
    encoding: 'vorbis',
    magic: '\x01vorbis',
    minBytes: 16,
    read: (packet) => ({ channelCount: packet[11]!, sampleRateHertz: packet.readUInt32LE(12) })
  },
  {
    encoding: 'flac',
    magic: '\x7fFLAC',
    minBytes: 31,
    // Magic, version, count of headers, `fLaC`, the head of a block; then STREAMINFO as in native FLAC.
    read: (packet) => {
      const fields = packet.readUInt32BE(27)
      return { channelCount: ((fields >> 9) & 7) + 1, sampleRateHertz: fields >>> 12 }
    }
  },
  {
    encoding: 'speex',
    magic: 'Speex   ',
    minBytes: 52,
    read: (packet) => ({ channelCount: packet.readUInt32LE(48), sampleRateHertz: packet.readUInt32LE(36) })
  }
]

/**
 * Reads the first packets. Costs one search through the file; the event loop waits for it.
 *
 * @returns the first stream whose codec is known, of the first 16; and how many streams the file has, links of a chain
 *   included, Infinity when there are too many pages to count them
 */
export function readOgg (bytes: Buffer): { stream: OggStream | undefined, streamCount: number } {
  let stream: OggStream | undefined
  let streamCount = 0
  let left = MAX_CANDIDATE_COUNT
  for (let offset = 0; offset >= 0; offset = bytes.indexOf(MARKER[0], offset + 1)) {
    if (left === 0) return { stream, streamCount: Infinity }
    left -= 1
    if (!isFirstPage(bytes, offset)) continue
    streamCount += 1
    if (streamCount <= MAX_READ_STREAM_COUNT) stream ??= readFirstPacket(bytes, offset)
  }
  return { stream, streamCount }
}

function isFirstPage (bytes: Buffer, offset: number): boolean {
  return bytes[offset] === MARKER[0] && (bytes[offset + TYPE_OFFSET]! & IS_FIRST_PAGE) !== 0 &&
    bytes[offset + 1] === MARKER[1] && bytes[offset + 2] === MARKER[2] && bytes[offset + 3] === MARKER[3]
}

function readFirstPacket (bytes: Buffer, pageOffset: number): OggStream | undefined {
  const start = pageOffset + PAGE_HEADER_BYTES + (bytes[pageOffset + SEGMENT_COUNT_OFFSET] ?? 0)
  const packet = bytes.subarray(start, start + 64)
  const codec = CODECS.find(({ magic, minBytes }) =>
    packet.length >= minBytes && packet.toString('latin1', 0, magic.length) === magic)
  return codec && { encoding: codec.encoding, ...codec.read(packet) }
}
