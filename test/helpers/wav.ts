/** Writes sound files in memory: right ones of every kind, and wrong ones on purpose. */

export type WavEncoding = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'alaw' | 'mulaw' | 'ima' | 'ms'

export interface WavOptions {
  encoding?: WavEncoding
  channelCount?: number
  sampleRateHertz?: number
  /** RIFX: everything is big-endian; for plain 16 bits only. */
  isBigEndian?: boolean
  /** RF64: the sizes stand in a chunk `ds64`. */
  isRf64?: boolean
  /** Writes WAVE_FORMAT_EXTENSIBLE with that many valid bits. */
  validBits?: number
  /** Whole chunks, made with `chunk`, in front of the data. */
  chunksBeforeData?: Buffer[]
  /** Whole chunks behind the data. */
  chunksAfterData?: Buffer[]
  /** What the data chunk claims; the real size unless given. */
  declaredDataBytes?: number
}

/** A sine; `amplitude` 0..32767. */
export function tone (
  toneHertz: number, sampleCount: number, sampleRateHertz = 16_000, amplitude = 20_000
): Int16Array<ArrayBuffer> {
  const step = 2 * Math.PI * toneHertz / sampleRateHertz
  return Int16Array.from({ length: sampleCount }, (_, index) => Math.round(amplitude * Math.sin(step * index)))
}

/** The same sound on every channel, interleaved. */
export function onEveryChannel (samples: Int16Array, channelCount: number): Int16Array<ArrayBuffer> {
  const length = samples.length * channelCount
  return Int16Array.from({ length }, (_, index) => samples[Math.floor(index / channelCount)]!)
}

/** A RIFF chunk, with the pad byte after an odd size. */
export function chunk (id: string, body: Buffer, declaredBytes = body.length): Buffer {
  const header = Buffer.alloc(8)
  header.write(id, 0, 'latin1')
  header.writeUInt32LE(declaredBytes, 4)
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)])
}

/**
 * Writes a WAV file.
 *
 * @param samples 16 bits, interleaved when there are several channels; ADPCM fills its last block with silence
 */
export function writeWav (samples: Int16Array, options: WavOptions = {}): Buffer {
  const filled = { ...DEFAULTS, ...options }
  const data = ENCODERS[filled.encoding](samples, filled.channelCount)
  if (filled.isBigEndian) data.swap16()
  const chunks = (dataBytes?: number): Buffer[] => [
    formatChunk(filled), ...filled.chunksBeforeData, chunk('data', data, dataBytes), ...filled.chunksAfterData
  ]
  if (filled.isRf64) {
    const body = [Buffer.from('WAVE'), longSizes(data.length), ...chunks(UNKNOWN_SIZE)]
    return chunk('RF64', Buffer.concat(body), UNKNOWN_SIZE)
  }
  const file = chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks(filled.declaredDataBytes)]))
  return filled.isBigEndian ? toRifx(file) : file
}

const UNKNOWN_SIZE = 0xffff_ffff

const DEFAULTS = {
  encoding: 's16' as WavEncoding,
  channelCount: 1,
  sampleRateHertz: 16_000,
  isBigEndian: false,
  isRf64: false,
  chunksBeforeData: [] as Buffer[],
  chunksAfterData: [] as Buffer[]
}

function formatChunk ({ encoding, channelCount, sampleRateHertz, validBits }: WavOptions & typeof DEFAULTS): Buffer {
  const { tag, bits, blockBytes, blockFrames } = LAYOUTS[encoding](channelCount)
  const fields = Buffer.alloc(16)
  fields.writeUInt16LE(validBits === undefined ? tag : 0xfffe, 0)
  fields.writeUInt16LE(channelCount, 2)
  fields.writeUInt32LE(sampleRateHertz, 4)
  fields.writeUInt32LE(Math.round(sampleRateHertz * blockBytes / blockFrames), 8)
  fields.writeUInt16LE(blockBytes, 12)
  fields.writeUInt16LE(bits, 14)
  if (validBits !== undefined) {
    const speakers = (1 << channelCount) - 1
    const extension = [words(22, validBits, speakers, 0, tag), Buffer.from('000000001000800000aa00389b71', 'hex')]
    return chunk('fmt ', Buffer.concat([fields, ...extension]))
  }
  // The plain form has no size of an extension; FFmpeg reads no other in RIFX.
  return chunk('fmt ', tag === 1 ? fields : Buffer.concat([fields, EXTENSIONS[encoding]?.(blockFrames) ?? words(0)]))
}

/** What follows the 16 bytes of `fmt `, its size first. */
const EXTENSIONS: Partial<Record<WavEncoding, (blockFrames: number) => Buffer>> = {
  ima: blockFrames => words(2, blockFrames),
  // The seven pairs of coefficients that every file carries; the encoder below uses the first.
  ms: blockFrames => words(32, blockFrames, 7, 256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232)
}

/** EBU Tech 3306: sizes of the file, of the data, in samples; no table. */
function longSizes (dataBytes: number): Buffer {
  const sizes = Buffer.alloc(28)
  sizes.writeBigUInt64LE(BigInt(dataBytes), 8)
  return chunk('ds64', sizes)
}

/** Turns the numbers of a header of 44 bytes. */
function toRifx (file: Buffer): Buffer {
  file.write('RIFX', 0, 'latin1')
  for (const offset of [4, 16, 24, 28, 40]) file.subarray(offset, offset + 4).swap32()
  for (const offset of [20, 22, 32, 34]) file.subarray(offset, offset + 2).swap16()
  return file
}

interface Layout { tag: number, bits: number, blockBytes: number, blockFrames: number }

const plain = (tag: number, bits: number) => (channelCount: number): Layout =>
  ({ tag, bits, blockBytes: channelCount * bits / 8, blockFrames: 1 })

/** Per channel; what is not header holds two samples per byte. */
const ADPCM_BLOCK_BYTES = 256
const IMA_BLOCK_FRAMES = (ADPCM_BLOCK_BYTES - 4) * 2 + 1
const MS_BLOCK_FRAMES = (ADPCM_BLOCK_BYTES - 7) * 2 + 2

const LAYOUTS: Record<WavEncoding, (channelCount: number) => Layout> = {
  u8: plain(1, 8),
  s16: plain(1, 16),
  s24: plain(1, 24),
  s32: plain(1, 32),
  f32: plain(3, 32),
  f64: plain(3, 64),
  alaw: plain(6, 8),
  mulaw: plain(7, 8),
  ima: count => ({ tag: 0x11, bits: 4, blockBytes: ADPCM_BLOCK_BYTES * count, blockFrames: IMA_BLOCK_FRAMES }),
  ms: count => ({ tag: 2, bits: 4, blockBytes: ADPCM_BLOCK_BYTES * count, blockFrames: MS_BLOCK_FRAMES })
}

type Encoder = (samples: Int16Array, channelCount: number) => Buffer

type SampleWriter = (into: Buffer, sample: number, offset: number) => void

const perSample = (bytes: number, write: SampleWriter): Encoder => samples => {
  const data = Buffer.alloc(samples.length * bytes)
  samples.forEach((sample, index) => { write(data, sample, index * bytes) })
  return data
}

const ENCODERS: Record<WavEncoding, Encoder> = {
  u8: perSample(1, (into, sample, offset) => into.writeUInt8((sample >> 8) + 128, offset)),
  s16: perSample(2, (into, sample, offset) => into.writeInt16LE(sample, offset)),
  s24: perSample(3, (into, sample, offset) => into.writeIntLE(sample * 256, offset, 3)),
  s32: perSample(4, (into, sample, offset) => into.writeInt32LE(sample * 65_536, offset)),
  f32: perSample(4, (into, sample, offset) => into.writeFloatLE(sample / 32_768, offset)),
  f64: perSample(8, (into, sample, offset) => into.writeDoubleLE(sample / 32_768, offset)),
  alaw: perSample(1, (into, sample, offset) => into.writeUInt8(toAlaw(sample), offset)),
  mulaw: perSample(1, (into, sample, offset) => into.writeUInt8(toMulaw(sample), offset)),
  ima: (samples, channelCount) => inBlocks(samples, channelCount, IMA_BLOCK_FRAMES, encodeImaBlock),
  ms: (samples, channelCount) => inBlocks(samples, channelCount, MS_BLOCK_FRAMES, encodeMsBlock)
}

/** ITU-T G.711: sign, three bits of exponent, four of mantissa; every second bit inverted. */
function toAlaw (sample: number): number {
  const magnitude = Math.min((sample < 0 ? ~sample : sample) >> 3, 4095)
  const exponent = Math.max(0, 27 - Math.clz32(magnitude))
  const mantissa = (magnitude >> Math.max(1, exponent)) & 15
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55
}

/** ITU-T G.711: as above with a bias of 33 (132 at 16 bits); every bit inverted. */
function toMulaw (sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132
  const exponent = 24 - Math.clz32(magnitude)
  const mantissa = (magnitude >> (exponent + 3)) & 15
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff
}

type BlockEncoder = (channels: number[][]) => Buffer

function inBlocks (samples: Int16Array, channelCount: number, blockFrames: number, encode: BlockEncoder): Buffer {
  const blocks: Buffer[] = []
  for (let start = 0; start < samples.length; start += blockFrames * channelCount) {
    blocks.push(encode(Array.from({ length: channelCount }, (_, channel) =>
      Array.from({ length: blockFrames }, (_, frame) => samples[start + frame * channelCount + channel] ?? 0))))
  }
  return Buffer.concat(blocks)
}

/** "IMA Digital Audio Doc-Pac", step size table. */
const IMA_STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
  876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428,
  4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500,
  20_350, 22_385, 24_623, 27_086, 29_794, 32_767
]
const IMA_INDEX_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8]

/** Header of 4 bytes per channel with the first sample, then 4 bytes (8 samples) of each channel in turn. */
function encodeImaBlock (channels: number[][]): Buffer {
  const block = Buffer.alloc(ADPCM_BLOCK_BYTES * channels.length)
  channels.forEach((samples, channel) => {
    let predictor = samples[0]!
    let index = 40
    block.writeInt16LE(predictor, channel * 4)
    block.writeUInt8(index, channel * 4 + 2)
    samples.slice(1).forEach((sample, position) => {
      const step = IMA_STEPS[index]!
      const difference = sample - predictor
      const size = Math.min(7, Math.floor(Math.abs(difference) * 4 / step))
      const change = ((2 * size + 1) * step) >> 3
      predictor = clamp(predictor + (difference < 0 ? -change : change))
      index = Math.min(88, Math.max(0, index + IMA_INDEX_CHANGES[size]!))
      const group = Math.floor(position / 8)
      const offset = 4 * channels.length * (1 + group) + 4 * channel + Math.floor(position % 8 / 2)
      block[offset]! |= ((difference < 0 ? 8 : 0) | size) << (position % 2 * 4)
    })
  })
  return block
}

const MS_ADAPTATION = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230]

/** Per channel predictor, delta and two samples in the header; then nibbles, channel by channel, high one first. */
function encodeMsBlock (channels: number[][]): Buffer {
  const count = channels.length
  const block = Buffer.alloc(ADPCM_BLOCK_BYTES * count)
  channels.forEach((samples, channel) => {
    let previous = samples[1]!
    let delta = 256
    block.writeInt16LE(delta, count + 2 * channel)
    block.writeInt16LE(previous, 3 * count + 2 * channel)
    block.writeInt16LE(samples[0]!, 5 * count + 2 * channel)
    samples.slice(2).forEach((sample, position) => {
      // Coefficients 256 and 0: the prediction is the sample before.
      const code = Math.max(-8, Math.min(7, Math.round((sample - previous) / delta)))
      previous = clamp(previous + code * delta)
      delta = Math.max(16, (MS_ADAPTATION[code & 15]! * delta) >> 8)
      const nibble = position * count + channel
      block[7 * count + (nibble >> 1)]! |= (code & 15) << (nibble % 2 === 0 ? 4 : 0)
    })
  })
  return block
}

function clamp (sample: number): number {
  return Math.max(-32_768, Math.min(32_767, sample))
}

function words (...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => { bytes.writeInt16LE(value, index * 2) })
  return bytes
}
