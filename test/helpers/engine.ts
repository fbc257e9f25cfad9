/** A real engine over the starter model, for the platforms that the package has a library for. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Pcm } from '../../src/audio/pcm.ts'
import { samplesToMs } from '../../src/audio/pcm.ts'
import { findLibrary } from '../../src/engine/vosk/library-path.ts'
import { createVoskEngine, type VoskEngine, type VoskOptions } from '../../src/engine/vosk/vosk-engine.ts'

const root = new URL('../../', import.meta.url)

export const STARTER_ENG = fileURLToPath(new URL('models/starter/eng', root))
export const EXAMPLE_WAV = fileURLToPath(new URL('models/starter/eng/example.wav', root))
export const EXAMPLE_TEXT = 'turn off the light please'

const library = findLibrary('', fileURLToPath(new URL('dist/native/', root)), `${process.platform}-${process.arch}`)

/** Options for `t.test`: leaves the test out, with the reason, where there is no library. */
export const needsLibrary = { skip: 'problem' in library ? library.problem : false }

const WAV_HEADER_BYTES = 44

/** The example's samples, as often as wanted one after the other; new ones each time, for they are handed over. */
export function examplePcm (repetitions = 1): Pcm {
  const bytes = readFileSync(EXAMPLE_WAV).subarray(WAV_HEADER_BYTES)
  const samples = new Int16Array(bytes.length / 2 * repetitions)
  const once = new Int16Array(Uint8Array.from(bytes).buffer)
  for (let index = 0; index < repetitions; index++) samples.set(once, index * once.length)
  return { samples, durationMs: samplesToMs(samples.length) }
}

export function createTestEngine (t: Test, changes: Partial<VoskOptions> = {}): VoskEngine {
  const engine = createVoskEngine({
    library, models: new Map([['eng', STARTER_ENG]]), workerCount: 2, queueLength: 200, timeoutMs: 60_000, ...changes
  })
  t.teardown(() => engine.close())
  return engine
}
