/** Speech for the cases: plain 16 kHz WAV files, so that no decoder child stands between the call and the engine. */
import { readFileSync } from 'node:fs'
import { createAudioDecoder } from '../src/audio/decode.ts'

export interface Clip {
  wav: Buffer
  samples: Int16Array<ArrayBuffer>
  durationMs: number
  /** The exact body that the server must answer with. */
  expectedBody: Buffer
}

const FILES = [
  { path: '../models/starter/eng/example.wav', words: 'turn off the light please' },
  { path: '../test/fixtures/speech/hello-16k.wav', words: 'hello' }
]

export async function readClips (): Promise<Clip[]> {
  const decoder = createAudioDecoder({ childCount: 1, queueLength: 0 })
  const clips = await Promise.all(FILES.map(async ({ path, words }): Promise<Clip> => {
    const wav = readFileSync(new URL(path, import.meta.url))
    const { pcm } = await decoder.decode(wav, new AbortController().signal)
    return { wav, ...pcm, expectedBody: Buffer.from(JSON.stringify({ text: words })) }
  }))
  await decoder.close()
  return clips
}

const RATE_HERTZ = 16_000

/** The sound of a canonical WAV of 16 kHz, again and again, cut to that many seconds. */
export function repeatedWav (wav: Buffer, seconds: number): Buffer {
  const sound = wav.subarray(44)
  const data = Buffer.alloc(seconds * RATE_HERTZ * 2)
  for (let offset = 0; offset < data.length; offset += sound.length) sound.copy(data, offset)
  const header = Buffer.from(wav.subarray(0, 44))
  header.writeUInt32LE(36 + data.length, 4)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
