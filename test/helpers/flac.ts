/** Writes FLAC files of silence: every block is one constant, so that an hour takes a few kilobytes. */

export interface FlacOptions {
  sampleRateHertz?: number
  channelCount?: number
  /** Samples per channel in every block but the last, 16..65535. */
  blockSamples?: number
  /** What STREAMINFO claims; 0 stands for unknown. The truth unless given. */
  declaredSampleCount?: number
  /** Blocks are numbered by their first sample, as encoders with blocks of several sizes do. */
  isVariable?: boolean
}

/** @see RFC 9639, 8 and 9 */
export function writeSilentFlac (sampleCount: number, options: FlacOptions = {}): Buffer {
  const { sampleRateHertz = 16_000, channelCount = 1, blockSamples = 4096, isVariable = false } = options
  const { declaredSampleCount = sampleCount } = options
  const info = Buffer.alloc(38)
  info.writeUInt32BE(0x8000_0022, 0)
  info.writeUInt16BE(blockSamples, 4)
  info.writeUInt16BE(blockSamples, 6)
  const format = (BigInt(sampleRateHertz) << 44n) | (BigInt(channelCount - 1) << 41n) | (15n << 36n)
  info.writeBigUInt64BE(format | BigInt(declaredSampleCount), 14)
  const blocks: Buffer[] = []
  for (let start = 0; start < sampleCount; start += blockSamples) {
    const number = isVariable ? start : blocks.length
    blocks.push(silentBlock(number, Math.min(blockSamples, sampleCount - start), channelCount, isVariable))
  }
  return Buffer.concat([Buffer.from('fLaC'), info, ...blocks])
}

function silentBlock (number: number, samples: number, channelCount: number, isVariable: boolean): Buffer {
  // The size stands behind the number (code 7), the rate in STREAMINFO (code 0), 16 bits (code 4).
  const sizeField = [(samples - 1) >> 8, (samples - 1) & 0xff]
  const header = [0xff, isVariable ? 0xf9 : 0xf8, 0x70, ((channelCount - 1) << 4) | 8, ...coded(number), ...sizeField]
  const checked = [...header, crc(header, 8, 0x07)]
  // A constant subframe: type 0, then its value.
  const block = [...checked, ...Array.from({ length: channelCount }, () => [0, 0, 0]).flat()]
  const check = crc(block, 16, 0x8005)
  return Buffer.from([...block, check >> 8, check & 0xff])
}

/** Like UTF-8, but up to 36 bits. */
function coded (number: number): number[] {
  if (number < 0x80) return [number]
  const bytes: number[] = []
  let rest = number
  // A first byte of n bytes has room for 7 - n bits.
  while (rest >= 2 ** (6 - bytes.length)) {
    bytes.unshift(0x80 | (rest % 64))
    rest = Math.floor(rest / 64)
  }
  return [(0xff00 >> (bytes.length + 1) & 0xff) | rest, ...bytes]
}

function crc (bytes: readonly number[], bits: number, polynomial: number): number {
  const top = 1 << (bits - 1)
  const mask = 2 ** bits - 1
  return bytes.reduce((remainder, byte) => {
    let next = remainder ^ (byte << (bits - 8))
    for (let bit = 0; bit < 8; bit++) next = ((next << 1) ^ ((next & top) === 0 ? 0 : polynomial)) & mask
    return next
  }, 0)
}
