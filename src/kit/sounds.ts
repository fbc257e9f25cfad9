/** The sounds of the kit: 16-bit mono PCM at 16 kHz, the form in which CSR hears everything. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Encoder } from './encoder.ts'

/** The sentence of the clip, as CSR writes it. */
export const SPEECH_TEXT = 'turn off the light please'
/** The language of the clip, as CSR calls it. */
export const SPEECH_LANG = 'Eng'

/** From here and from `dist/kit` of the installed package alike. */
const CLIP_PATH = fileURLToPath(new URL('../../models/starter/eng/example.wav', import.meta.url))

const SAMPLE_RATE_HERTZ = 16_000
const BYTES_PER_MS = SAMPLE_RATE_HERTZ * 2 / 1000
const TONE_HERTZ = 440
const TONE_AMPLITUDE = 8000
const WAV_HEADER_BYTES = 44

/** A sound that is not encoded yet. */
export interface Sound {
  wav: Buffer
  durationMs: number
}

/** What the files of the kit are made of. `durationMs` is a whole number of milliseconds. */
export interface Sounds {
  silence (durationMs: number): Sound
  /** 440 Hz, a quarter of full scale. */
  tone (durationMs: number): Sound
  /** The sentence, and silence behind it up to `durationMs`; the sentence alone unless given. */
  speech (durationMs?: number): Sound
}

/** Reads the clip of the package. */
export async function loadSounds (encoder: Encoder): Promise<Sounds> {
  const clip = await encoder.encode({
    input: await readFile(CLIP_PATH), parameters: ['-ac', '1', '-ar', String(SAMPLE_RATE_HERTZ)], muxer: 's16le'
  })
  return {
    silence: (durationMs) => toSound(Buffer.alloc(durationMs * BYTES_PER_MS)),
    tone: (durationMs) => toSound(tonePcm(durationMs)),
    speech: (durationMs) =>
      toSound(durationMs === undefined ? clip : Buffer.concat([clip], durationMs * BYTES_PER_MS))
  }
}

function tonePcm (durationMs: number): Buffer {
  const pcm = Buffer.alloc(durationMs * BYTES_PER_MS)
  for (let offset = 0; offset < pcm.length; offset += 2) {
    const seconds = offset / 2 / SAMPLE_RATE_HERTZ
    pcm.writeInt16LE(Math.round(TONE_AMPLITUDE * Math.sin(2 * Math.PI * TONE_HERTZ * seconds)), offset)
  }
  return pcm
}

/** A WAV with the canonical header; other fields than the two sizes never change. */
function toSound (pcm: Buffer): Sound {
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + pcm.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20) // integer PCM
  header.writeUInt16LE(1, 22) // channels
  header.writeUInt32LE(SAMPLE_RATE_HERTZ, 24)
  header.writeUInt32LE(SAMPLE_RATE_HERTZ * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(pcm.length, 40)
  return { wav: Buffer.concat([header, pcm]), durationMs: pcm.length / BYTES_PER_MS }
}
