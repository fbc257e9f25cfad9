/** The sounds that the end-to-end tests send. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeWav } from '../../helpers/wav.ts'

/** "turn off the light please": 16 kHz, 16 bits, mono, a canonical header of 44 bytes. */
export const LIGHT_PATH = fileURLToPath(new URL('../../../models/starter/eng/example.wav', import.meta.url))
export const SPEECH_FOLDER = fileURLToPath(new URL('../../fixtures/speech/', import.meta.url))

export const MAX_BODY_BYTES = 3_145_728

const RATE_HERTZ = 16_000
const HEADER_BYTES = 44

export function lightWav (): Buffer {
  return readFileSync(LIGHT_PATH)
}

/** "hello", of the same form. */
export function helloWav (): Buffer {
  return readFileSync(`${SPEECH_FOLDER}hello-16k.wav`)
}

/** "hello" again: 8 kHz, mu-law, so that the decoder child has to decode it. */
export function mulawWav (): Buffer {
  return readFileSync(`${SPEECH_FOLDER}hello-8k-mulaw.wav`)
}

/** The same words again and again: a sound that takes the recogniser a while. */
export function longSpeechWav (repeatCount: number): Buffer {
  const data = lightWav().subarray(HEADER_BYTES)
  const bytes = Buffer.concat(Array.from({ length: repeatCount }, () => data))
  return writeWav(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2))
}

export function silentWav (durationMs: number): Buffer {
  return writeWav(new Int16Array(RATE_HERTZ * durationMs / 1000))
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function createRandom (seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Bytes that are no sound. */
export function randomBytes (length: number, seed: number): Buffer {
  const random = createRandom(seed)
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}
