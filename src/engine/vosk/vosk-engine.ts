/** Vosk as a recogniser: models by language, loaded side by side, recognised in worker threads. */
import type { Pcm } from '../../audio/pcm.ts'
import { PCM_SAMPLE_RATE_HERTZ } from '../../audio/pcm.ts'
import { ApiError } from '../../errors/api-error.ts'
import type { EngineIdentity, Language, Recognizer, Utterance } from '../../speech/recognizer.ts'
import type { LibraryPath } from './library-path.ts'
import type { ModelAddress } from './libvosk.ts'
import { digestModel } from './model-digest.ts'
import { probeModel } from './model-probe.ts'
import { prepareModel } from './prepared-model.ts'
import { WorkerPool } from './worker-pool.ts'

export interface VoskOptions {
  library: LibraryPath
  /** Model folder by language; a language that is not there has no model. */
  models: ReadonlyMap<Language, string>
  workerCount: number
  queueLength: number
  timeoutMs: number
}

type ModelState =
  | { state: 'loading' | 'ready', path: string }
  | { state: 'failed' | 'absent', problem: string }

export interface VoskEngine extends Recognizer {
  stateOf (language: Language): ModelState
  /** Settles when every model has been loaded and tried, or has failed; never rejects. */
  readonly loaded: Promise<void>
  /** Frees the models and ends the workers, once the sounds that wait have been recognised. */
  close (): Promise<void>
}

type Loading = { address: ModelAddress } | { problem: string }

/** Half a second without sound: what the engine must answer before a model counts as ready. */
const SELF_TEST_SAMPLES = PCM_SAMPLE_RATE_HERTZ / 2

/**
 * With the digest of a model it decides a text. To be changed whenever the same model would give another one: it is the
 * version of the package's libvosk, with `+1`, `+2`, … behind it after other changes, as of prepared-model.ts or
 * PIECE_SAMPLES. A library that `CSR_LIBVOSK` names cannot be told from the package's own.
 */
const ENGINE_NAME = 'vosk-0.3.39'

export function createVoskEngine (options: VoskOptions): VoskEngine {
  const { library, models, workerCount, queueLength, timeoutMs } = options
  const pool = 'path' in library
    ? new WorkerPool({ libraryPath: library.path, workerCount, queueLength })
    : undefined
  const states = new Map<Language, ModelState>()
  const loadings = new Map<Language, Promise<Loading>>()
  const identities = new Map<Language, Promise<EngineIdentity>>()

  for (const [language, path] of models) {
    states.set(language, { state: 'loading', path })
    loadings.set(language, load(path).then((loading) => {
      states.set(language, 'address' in loading
        ? { state: 'ready', path }
        : { state: 'failed', problem: loading.problem })
      return loading
    }))
  }

  async function load (path: string): Promise<Loading> {
    if (pool === undefined || 'problem' in library) {
      return { problem: 'problem' in library ? library.problem : 'there is no library' }
    }
    try {
      const folder = prepareModel(path)
      const answer = await pool.run({ kind: 'load', path: folder.path }).finally(() => { folder.release() })
      if (answer.kind === 'failed') return { problem: answer.problem }
      if (answer.kind !== 'loaded' || answer.model === undefined) return { problem: await probeModel(library.path, path) }
      return await selfTest(pool, answer.model)
    } catch (error) {
      return { problem: `${path}: ${error instanceof ApiError ? error.reason ?? error.message : String(error)}` }
    }
  }

  async function selfTest (workers: WorkerPool, model: ModelAddress): Promise<Loading> {
    try {
      await recognizeWith(workers, model, new Int16Array(SELF_TEST_SAMPLES))
      return { address: model }
    } catch (error) {
      await workers.run({ kind: 'free', model })
      throw error
    }
  }

  async function recognizeWith (
    workers: WorkerPool, model: ModelAddress, samples: Int16Array<ArrayBuffer>, signal?: AbortSignal
  ): Promise<Utterance[]> {
    const answer = await workers.run(
      { kind: 'recognize', id: workers.nextJobId(), model, samples },
      { transfer: [samples.buffer], timeoutMs, ...signal && { signal } }
    )
    if (answer.kind === 'recognized') return answer.utterances
    throw new ApiError('STT_RECOGNITION_FAILED', {
      reason: answer.kind === 'failed' ? answer.problem : 'the worker gave another job\'s answer'
    })
  }

  let closing: Promise<void> | undefined

  async function freeAndEnd (): Promise<void> {
    if (pool === undefined) return
    for (const loading of await Promise.all(loadings.values())) {
      if ('address' in loading) await pool.run({ kind: 'free', model: loading.address })
    }
    await pool.close()
  }

  function identityOf (language: Language): Promise<EngineIdentity | undefined> {
    const path = models.get(language)
    if (pool === undefined || path === undefined) return Promise.resolve(undefined)
    const identity = identities.get(language) ??
      digestModel(path).then((modelDigest) => ({ engine: ENGINE_NAME, modelDigest }))
    identities.set(language, identity)
    return identity
  }

  const stateOf = (language: Language): ModelState =>
    states.get(language) ?? { state: 'absent', problem: `no model: set CSR_MODEL_${language.toUpperCase()}` }

  return {
    stateOf,
    loaded: Promise.all(loadings.values()).then(() => {}),
    async recognize (pcm: Pcm, language: Language, signal: AbortSignal) {
      const loading = await loadings.get(language)
      if (pool === undefined || loading === undefined || 'problem' in loading) {
        const state = stateOf(language)
        throw new ApiError('STT_RECOGNITION_FAILED', {
          reason: 'problem' in state ? state.problem : 'the engine has no library'
        })
      }
      return await recognizeWith(pool, loading.address, pcm.samples, signal)
    },
    identityOf,
    close () {
      closing ??= freeAndEnd()
      return closing
    }
  }
}
