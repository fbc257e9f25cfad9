/**
 * A worker thread that runs libvosk. Every call of the library blocks, so none happens on the server's own thread.
 * Models are loaded by one worker and used by all: a model is an address, the same in every thread of the process.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PCM_SAMPLE_RATE_HERTZ } from '../../audio/pcm.ts'
import { openLibvosk, type Libvosk, type ModelAddress } from './libvosk.ts'

export interface WorkerInit {
  libraryPath: string
  /** One number: the id of the job that nobody waits for any more. */
  cancelled: SharedArrayBuffer
}

export type WorkerJob =
  | { kind: 'load', path: string }
  | { kind: 'recognize', id: number, model: ModelAddress, samples: Int16Array }
  | { kind: 'free', model: ModelAddress }

export type WorkerAnswer =
  | { kind: 'loaded', model: ModelAddress | undefined }
  | { kind: 'recognized', utterances: string[] }
  | { kind: 'freed' }
  | { kind: 'failed', problem: string }

/**
 * The library looks for the end of an utterance after each piece, so the piece's length is part of what decides the
 * text: fixed, for the same text from the same sound. 0.25 s.
 */
export const PIECE_SAMPLES = PCM_SAMPLE_RATE_HERTZ / 4

/** Recognises one sound; the recogniser is freed on every path. */
export function recognizeSamples (
  libvosk: Libvosk,
  model: ModelAddress,
  samples: Int16Array,
  isCancelled: () => boolean
): WorkerAnswer {
  const recognizer = libvosk.newRecognizer(model, PCM_SAMPLE_RATE_HERTZ)
  if (recognizer === undefined) return { kind: 'failed', problem: 'the model has no usable graph' }
  try {
    const utterances: string[] = []
    for (let start = 0; start < samples.length; start += PIECE_SAMPLES) {
      if (isCancelled()) return { kind: 'failed', problem: 'cancelled' }
      const state = libvosk.acceptWaveform(recognizer, samples.subarray(start, start + PIECE_SAMPLES))
      if (state === 'failed') return { kind: 'failed', problem: 'libvosk failed while it decoded' }
      if (state === 'ended') utterances.push(libvosk.result(recognizer))
    }
    utterances.push(libvosk.finalResult(recognizer))
    return { kind: 'recognized', utterances: utterances.filter((utterance) => utterance !== '') }
  } finally {
    libvosk.freeRecognizer(recognizer)
  }
}

if (parentPort !== null) serve(parentPort, workerData as WorkerInit)

function serve (port: NonNullable<typeof parentPort>, { libraryPath, cancelled }: WorkerInit): void {
  const cancelledId = new Int32Array(cancelled)
  const libvosk = openLibvosk(libraryPath)

  function run (job: WorkerJob): WorkerAnswer {
    switch (job.kind) {
      case 'load':
        return { kind: 'loaded', model: libvosk.newModel(job.path) }
      case 'free':
        libvosk.freeModel(job.model)
        return { kind: 'freed' }
      case 'recognize':
        return recognizeSamples(libvosk, job.model, job.samples, () => Atomics.load(cancelledId, 0) === job.id)
    }
  }

  port.on('message', (job: WorkerJob) => {
    let answer: WorkerAnswer
    try {
      answer = run(job)
    } catch (error) {
      answer = { kind: 'failed', problem: String(error) }
    }
    port.postMessage(answer)
  })
}
