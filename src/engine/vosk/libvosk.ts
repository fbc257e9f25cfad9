/**
 * libvosk's C functions (vosk-api, src/vosk_api.h), as far as we call them. The only file that knows koffi.
 *
 * All calls are synchronous and block their thread: use this in a worker thread only.
 */
import koffi from 'koffi'

/** A `VoskModel*` as a number: the same in all threads of the process. */
export type ModelAddress = bigint
/** A `VoskRecognizer*`: may be used by one thread at a time. */
type RecognizerAddress = bigint

export interface Libvosk {
  /** @returns undefined when the folder is no usable model; the library writes why to standard error */
  newModel (path: string): ModelAddress | undefined
  /** Models count their users, so a recogniser may outlive this call. */
  freeModel (model: ModelAddress): void
  /**
   * A recogniser that gives the best path. Without asking for alternatives libvosk would weigh the whole lattice, and
   * some noise leaves a lattice for which an assertion of that code ends the process.
   *
   * @returns undefined when the model lacks its graph: a null that must never reach the library again
   */
  newRecognizer (model: ModelAddress, sampleRateHertz: number): RecognizerAddress | undefined
  /** @returns whether an utterance has ended; false also for -1, an exception inside the library */
  acceptWaveform (recognizer: RecognizerAddress, samples: Int16Array): 'ended' | 'going-on' | 'failed'
  /** Text of the utterance that has just ended, and a fresh start. */
  result (recognizer: RecognizerAddress): string
  /** Text of what is left at the end of the sound. */
  finalResult (recognizer: RecognizerAddress): string
  /** Must be called once for each recogniser; the address is dangling afterwards. */
  freeRecognizer (recognizer: RecognizerAddress): void
}

/**
 * What libvosk writes to standard error: 0 tells of every file that is opened, -1 still of every silence, -2 only of
 * errors, -3 of nothing.
 */
export type LibvoskLogLevel = 0 | -1 | -2 | -3

/** @throws Error that names the file and what the dynamic loader said of it */
export function openLibvosk (libraryPath: string, logLevel: LibvoskLogLevel = -3): Libvosk {
  const library = load(libraryPath)
  const modelNew = library.func('void *vosk_model_new(const char *path)')
  const modelFree = library.func('void vosk_model_free(void *model)')
  const recognizerNew = library.func('void *vosk_recognizer_new(void *model, float sample_rate)')
  const recognizerFree = library.func('void vosk_recognizer_free(void *recognizer)')
  const setMaxAlternatives = library.func('void vosk_recognizer_set_max_alternatives(void *recognizer, int count)')
  const accept = library.func('int vosk_recognizer_accept_waveform_s(void *recognizer, const int16_t *data, int length)')
  // Both strings belong to the recogniser until its next call; koffi copies them into JavaScript at once.
  const result = library.func('const char *vosk_recognizer_result(void *recognizer)')
  const finalResult = library.func('const char *vosk_recognizer_final_result(void *recognizer)')
  library.func('void vosk_set_log_level(int level)')(logLevel)

  return {
    newModel: (path) => addressOf(modelNew(path)),
    freeModel: (model) => { modelFree(model) },
    newRecognizer (model, sampleRateHertz) {
      const recognizer = addressOf(recognizerNew(model, sampleRateHertz))
      if (recognizer !== undefined) setMaxAlternatives(recognizer, 1)
      return recognizer
    },
    acceptWaveform (recognizer, samples) {
      const state = accept(recognizer, samples, samples.length) as number
      return state === 1 ? 'ended' : state === 0 ? 'going-on' : 'failed'
    },
    result: (recognizer) => textOf(result(recognizer)),
    finalResult: (recognizer) => textOf(finalResult(recognizer)),
    freeRecognizer: (recognizer) => { recognizerFree(recognizer) }
  }
}

function load (libraryPath: string) {
  try {
    return koffi.load(libraryPath)
  } catch (error) {
    // The loader's own words do not always name the file.
    throw new Error(`${libraryPath}: ${(error as Error).message}`, { cause: error })
  }
}

function addressOf (pointer: unknown): bigint | undefined {
  return pointer === null ? undefined : koffi.address(pointer as bigint)
}

interface Result {
  text?: string
  alternatives?: { text?: string }[]
}

function textOf (json: unknown): string {
  const { text, alternatives } = JSON.parse(String(json)) as Result
  return (alternatives?.[0]?.text ?? text ?? '').trim()
}
