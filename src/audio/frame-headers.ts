/**
 * Headers of the formats without a container: a row of frames, each of which begins with a sync word and says how long
 * it is. Only what is needed to go from one frame to the next and to add up their length.
 */

/** One frame of compressed sound. */
export interface Frame {
  /** As FFmpeg calls it: `mp3`, `aac`, `ac3`, `eac3`. */
  encoding: string
  /** From this frame's first byte to the next frame's, 1.. */
  lengthBytes: number
  /** Samples per channel that the frame adds to the sound; 0 for one that only adds channels to another. */
  sampleCount: number
  sampleRateHertz: number
  channelCount: number
}

/** How to find frames of one format. */
export interface FrameFormat {
  /** The first byte of every frame. */
  syncByte: number
  /** Reads the header at `offset`; undefined when there is none. Copes with any bytes and any offset. */
  read (bytes: Buffer, offset: number): Frame | undefined
}

/** Kilobits per second by index, layer III; index 0 is "free" and 15 is forbidden (ISO 11172-3, 2.4.2.3; 13818-3). */
const MP3_KILOBITS = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
}
/** By the two bits of the version: 2.5, reserved, 2, 1. */
const MP3_RATES_HERTZ = [[11_025, 12_000, 8000], [], [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]]
const MPEG1_BITS = 3
const LAYER_3_BITS = 1
const MONO_BITS = 3

/** MPEG 1, 2 or 2.5, layer III. */
export const MP3_FRAMES: FrameFormat = { syncByte: 0xff, read: readMp3Frame }

function readMp3Frame (bytes: Buffer, offset: number): Frame | undefined {
  if (offset + 4 > bytes.length || bytes[offset] !== 0xff || (bytes[offset + 1]! & 0xe0) !== 0xe0) return undefined
  const kind = bytes[offset + 1]!
  const rates = bytes[offset + 2]!
  const version = (kind >> 3) & 3
  const sampleRateHertz = MP3_RATES_HERTZ[version]![(rates >> 2) & 3]
  const isMpeg1 = version === MPEG1_BITS
  const kilobits = MP3_KILOBITS[isMpeg1 ? 'mpeg1' : 'mpeg2'][rates >> 4]
  // `!` also for 0: nobody writes the free format, and FFmpeg does not read it.
  if (((kind >> 1) & 3) !== LAYER_3_BITS || sampleRateHertz === undefined || !kilobits) return undefined
  const sampleCount = isMpeg1 ? 1152 : 576
  return {
    encoding: 'mp3',
    lengthBytes: Math.floor(sampleCount / 8 * kilobits * 1000 / sampleRateHertz) + ((rates >> 1) & 1),
    sampleCount,
    sampleRateHertz,
    channelCount: bytes[offset + 3]! >> 6 === MONO_BITS ? 1 : 2
  }
}

/** By the four bits of the sampling frequency index (ISO 14496-3, table 1.18). */
const AAC_RATES_HERTZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350
]
const ADTS_HEADER_BYTES = 7
const AAC_BLOCK_SAMPLES = 1024
/** Seven stands for 7.1; 0 leaves it to the data, which is two channels as a rule. */
const AAC_CHANNEL_COUNTS = [2, 1, 2, 3, 4, 5, 6, 8]

/** AAC in ADTS. Of HE-AAC it gives the rate of the core, at which the length is the same. */
export const ADTS_FRAMES: FrameFormat = { syncByte: 0xff, read: readAdtsFrame }

function readAdtsFrame (bytes: Buffer, offset: number): Frame | undefined {
  if (offset + ADTS_HEADER_BYTES > bytes.length) return undefined
  if (bytes[offset] !== 0xff || (bytes[offset + 1]! & 0xf6) !== 0xf0) return undefined
  const third = bytes[offset + 2]!
  const fourth = bytes[offset + 3]!
  const sampleRateHertz = AAC_RATES_HERTZ[(third >> 2) & 15]
  const lengthBytes = ((fourth & 3) << 11) | (bytes[offset + 4]! << 3) | (bytes[offset + 5]! >> 5)
  if (sampleRateHertz === undefined || lengthBytes <= ADTS_HEADER_BYTES) return undefined
  return {
    encoding: 'aac',
    lengthBytes,
    sampleCount: AAC_BLOCK_SAMPLES * ((bytes[offset + 6]! & 3) + 1),
    sampleRateHertz,
    channelCount: AAC_CHANNEL_COUNTS[((third & 1) << 2) | (fourth >> 6)]!
  }
}

const AC3_SYNC = 0x0b77
const AC3_HEADER_BYTES = 8
const AC3_RATES_HERTZ = [48_000, 44_100, 32_000]
/** By the upper five of the six bits of the frame size code (ATSC A/52, table 5.18). */
const AC3_KILOBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]
const AC3_FRAME_SAMPLES = 1536
const AC3_BLOCK_SAMPLES = 256
/** By the three bits of the coding mode, without the low-frequency channel (ATSC A/52, table 5.8). */
const AC3_CHANNEL_COUNTS = [2, 1, 2, 3, 3, 4, 4, 5]

/** AC-3 and E-AC-3, which share sync word and place of the version. */
export const AC3_FRAMES: FrameFormat = { syncByte: 0x0b, read: readAc3Frame }

function readAc3Frame (bytes: Buffer, offset: number): Frame | undefined {
  if (offset + AC3_HEADER_BYTES > bytes.length || bytes.readUInt16BE(offset) !== AC3_SYNC) return undefined
  const version = bytes[offset + 5]! >> 3
  return version <= 10 ? readPlainAc3(bytes, offset, version) : readEac3(bytes, offset, version)
}

function readPlainAc3 (bytes: Buffer, offset: number, version: number): Frame | undefined {
  const sizes = bytes[offset + 4]!
  const baseRateHertz = AC3_RATES_HERTZ[sizes >> 6]
  const kilobits = AC3_KILOBITS[(sizes & 0x3f) >> 1]
  if (baseRateHertz === undefined || kilobits === undefined) return undefined
  const words = Math.floor(AC3_FRAME_SAMPLES * kilobits * 1000 / baseRateHertz / 16)
  // 44.1 kHz does not divide evenly: the last bit of the code says which frames are one word longer.
  const extraWords = baseRateHertz === 44_100 ? sizes & 1 : 0
  const modes = bytes.readUInt16BE(offset + 6)
  const codingMode = modes >> 13
  return {
    encoding: 'ac3',
    lengthBytes: 2 * (words + extraWords),
    sampleCount: AC3_FRAME_SAMPLES,
    // Versions 9 and 10 are a half and a quarter of the rate.
    sampleRateHertz: baseRateHertz >> Math.max(0, version - 8),
    channelCount: AC3_CHANNEL_COUNTS[codingMode]! + ((modes >> (12 - 2 * mixLevelCount(codingMode))) & 1)
  }
}

/** Fields of two bits between the coding mode and the flag of the low-frequency channel. */
function mixLevelCount (codingMode: number): number {
  const hasCentre = (codingMode & 1) !== 0 && codingMode !== 1
  const hasSurround = (codingMode & 4) !== 0
  return Number(hasCentre) + Number(hasSurround) + Number(codingMode === 2)
}

const EAC3_BLOCK_COUNTS = [1, 2, 3, 6]
const EAC3_DEPENDENT = 1

/** ATSC A/52 annex E, table E1.2. */
function readEac3 (bytes: Buffer, offset: number, version: number): Frame | undefined {
  const head = bytes.readUInt16BE(offset + 2)
  const codes = bytes[offset + 4]!
  const rateCode = codes >> 6
  const halfRateCode = (codes >> 4) & 3
  const sampleRateHertz = rateCode === 3 ? (AC3_RATES_HERTZ[halfRateCode] ?? 0) / 2 : AC3_RATES_HERTZ[rateCode]!
  if (version > 16 || sampleRateHertz === 0) return undefined
  const blockCount = rateCode === 3 ? 6 : EAC3_BLOCK_COUNTS[halfRateCode]!
  const streamType = head >> 14
  const addsTime = streamType !== EAC3_DEPENDENT && ((head >> 11) & 7) === 0
  return {
    encoding: 'eac3',
    lengthBytes: 2 * ((head & 0x7ff) + 1),
    sampleCount: addsTime ? blockCount * AC3_BLOCK_SAMPLES : 0,
    sampleRateHertz,
    channelCount: AC3_CHANNEL_COUNTS[(codes >> 1) & 7]! + (codes & 1)
  }
}
