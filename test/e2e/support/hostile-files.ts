/** Hostile files: the same ones for the same format, seed and index, each without making those before it. */
import { below, FILLINGS, MUTATIONS, pick } from './mutations.ts'
import { HOSTILE_FORMATS, type HostileFormat, type Seeds } from './seeds.ts'
import { createRandom, MAX_BODY_BYTES } from './sounds.ts'

/** Each of them takes a decoder as long as twenty others. */
const FILLING_SHARE = 1 / 20
const MAX_MUTATION_COUNT = 3

/**
 * One of the format's whole files with one to three mutations, or the beginning of one with up to 3 MiB behind it.
 *
 * @param index 0..; the file depends on it, the seed and the whole files alone
 * @returns at most 3 MiB; may be empty
 */
export function hostileFile (seeds: Seeds, format: HostileFormat, seed: number, index: number): Buffer {
  const random = createRandom(mix(seed, HOSTILE_FORMATS.indexOf(format), index))
  let file = pick(random, seeds[format])
  if (random() < FILLING_SHARE) return pick(random, FILLINGS)(file, random, [])
  const others = HOSTILE_FORMATS.flatMap((each) => seeds[each])
  for (let left = 1 + below(random, MAX_MUTATION_COUNT); left > 0 && file.length > 1; left--) {
    file = pick(random, MUTATIONS)(file, random, others)
  }
  return file.subarray(0, MAX_BODY_BYTES)
}

/** Neighbours must not have the same random numbers one place apart, which a sum would give. */
function mix (...numbers: readonly number[]): number {
  return numbers.reduce((mixed, number) => Math.imul(mixed ^ number, 0x9e37_79b1) ^ (mixed >>> 15), 0x85eb_ca6b)
}
