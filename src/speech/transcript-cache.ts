/** Texts that were recognised, by what was said. In memory, bounded, and gone with the process. */
import { BoundedMap } from './bounded-map.ts'
import type { Language } from './recognizer.ts'

export interface TranscriptCache {
  /** @param audio SHA-256 of the samples, in hexadecimal */
  get (audio: string, language: Language): string | undefined
  set (audio: string, language: Language, text: string): void
}

/**
 * What an entry takes besides its text: the key, the places in the map, the headers of strings and objects. Measured
 * with Node 20 on 64 bits: 260 bytes.
 */
const ENTRY_BYTES = 300
/** Latin letters take one, all others two. */
const CHARACTER_BYTES = 2

/**
 * Engine and model belong to what a text depends on. They need not be in the key: a process loads one model for each
 * language, once, and nothing in here outlives the process.
 *
 * @param maxBytes 0 keeps nothing
 */
export function createTranscriptCache (maxBytes: number): TranscriptCache {
  const texts = new BoundedMap<string>(maxBytes, (_key, text) => ENTRY_BYTES + CHARACTER_BYTES * text.length)
  const keyOf = (audio: string, language: Language) => `${audio} ${language}`
  return {
    get: (audio, language) => texts.get(keyOf(audio, language)),
    set: (audio, language, text) => { texts.set(keyOf(audio, language), text) }
  }
}
