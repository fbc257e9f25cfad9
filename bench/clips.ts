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

/** A file that goes through the decoder child: G.711 mu-law at 8 kHz. */
export function readCompressedWav (): Buffer {
  return readFileSync(new URL('../test/fixtures/speech/hello-8k-mulaw.wav', import.meta.url))
}
