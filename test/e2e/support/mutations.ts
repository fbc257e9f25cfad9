/** Damage: what is done to a file to make it a hostile one. Every function leaves its input as it was. */
import { stripLikeCurl } from '../../../src/kit/structure.ts'
import { MAX_BODY_BYTES } from './sounds.ts'

/** Numbers in [0, 1). */
export type Random = () => number

/** @param others whole files of all formats, to be spliced in */
export type Mutation = (file: Buffer, random: Random, others: readonly Buffer[]) => Buffer

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)
export const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)]!

/** What header fields are set to: edges of every width, and numbers that once meant trouble. */
const STRANGE_NUMBERS = [
  0, 1, 2, 3, 7, 8, 15, 16, 17, 24, 32, 64, 255, 256, 44_100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x0fff_ffff,
  0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff
]

/** Where numbers stand that decoders believe: as a rule at the beginning, in MP4 at the end. */
const HEADER_BYTES = 60
const TAIL_BYTES = 700

function placeIn (file: Buffer, random: Random): number {
  const places = [
    () => below(random, Math.min(HEADER_BYTES, file.length)),
    () => below(random, Math.min(10 * HEADER_BYTES, file.length)),
    () => Math.max(0, file.length - 1 - below(random, TAIL_BYTES)),
    () => below(random, file.length)
  ]
  return pick(random, places)()
}

function randomBytes (random: Random, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => below(random, 256)))
}

function changed (file: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file)
  change(copy)
  return copy
}

/** Small damage: the file is about as long as it was. */
export const MUTATIONS: readonly Mutation[] = [
  function setByte (file, random) {
    return changed(file, (copy) => { copy[placeIn(file, random)] = below(random, 256) })
  },
  function setManyBytes (file, random) {
    return changed(file, (copy) => {
      for (let left = 2 + below(random, 30); left > 0; left--) copy[below(random, copy.length)] = below(random, 256)
    })
  },
  function setNumber (file, random) {
    const byteCount = pick(random, [2, 3, 4, 8])
    const field = Buffer.alloc(8)
    field.writeBigUInt64BE(BigInt(pick(random, STRANGE_NUMBERS)))
    const bytes = field.subarray(8 - byteCount)
    if (random() < 0.5) bytes.reverse()
    return changed(file, (copy) => { bytes.copy(copy, placeIn(file, random)) })
  },
  function setHugeNumber (file, random) {
    return changed(file, (copy) => {
      const offset = placeIn(file, random)
      copy.subarray(offset, offset + pick(random, [2, 4, 8])).fill(random() < 0.5 ? 0xff : 0x7f)
    })
  },
  function flipBit (file, random) {
    return changed(file, (copy) => { copy[placeIn(file, random)]! ^= 1 << below(random, 8) })
  },
  function flipManyBits (file, random) {
    return changed(file, (copy) => {
      for (let left = 2 + below(random, 60); left > 0; left--) {
        copy[below(random, copy.length)]! ^= 1 << below(random, 8)
      }
    })
  },
  function cutOff (file, random) {
    return file.subarray(0, below(random, random() < 0.3 ? Math.min(100, file.length) : file.length))
  },
  function cutOffTheBeginning (file, random) {
    return file.subarray(below(random, random() < 0.3 ? Math.min(100, file.length) : file.length))
  },
  function takeOut (file, random) {
    const offset = placeIn(file, random)
    return Buffer.concat([file.subarray(0, offset), file.subarray(offset + 1 + below(random, 64))])
  },
  function putIn (file, random) {
    const offset = placeIn(file, random)
    return Buffer.concat([file.subarray(0, offset), randomBytes(random, 1 + below(random, 64)), file.subarray(offset)])
  },
  function doubleSlice (file, random) {
    const start = placeIn(file, random)
    const slice = file.subarray(start, start + 1 + below(random, 4096))
    const offset = placeIn(file, random)
    return Buffer.concat([file.subarray(0, offset), slice, file.subarray(offset)])
  },
  function stripLikeCurlData (file) {
    return stripLikeCurl(file)
  },
  function splice (file, random, others) {
    const other = pick(random, others)
    return Buffer.concat([file.subarray(0, below(random, file.length)), other.subarray(below(random, other.length))])
  }
]

/** A valid beginning and then up to 3 MiB of something else. */
export const FILLINGS: readonly Mutation[] = [
  function fillWithNoise (file, random) {
    return filled(file, random, randomBytes(random, 65_536))
  },
  function repeatSlice (file, random) {
    const start = below(random, file.length)
    return filled(file, random, file.subarray(start, start + 1 + below(random, 4096)))
  },
  function repeatWhole (file, random) {
    return filled(file, random, file)
  },
  function fillWithByte (file, random) {
    return filled(file, random, Buffer.of(pick(random, [0, 0xff, 0x7f, 0x80])))
  }
]

function filled (file: Buffer, random: Random, pattern: Buffer): Buffer {
  const headBytes = pick(random, [4, HEADER_BYTES, Math.floor(file.length / 2), file.length])
  // Small ones more often than large ones, down to 4 KiB.
  const sizeBytes = Math.max(Math.floor(MAX_BODY_BYTES / 2 ** (10 * random())), headBytes)
  const bytes = Buffer.alloc(sizeBytes, pattern)
  file.copy(bytes, 0, 0, headBytes)
  return bytes
}
