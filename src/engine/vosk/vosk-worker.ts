/**
 * A worker thread that runs libvosk. Every call of the library blocks, so none happens on the server's own thread.
 * Models are loaded by one worker and used by all: a model is an address, the same in every thread of the process.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { openLibvosk, type ModelAddress } from './libvosk.ts'
import { recognizeSamples, type RecognitionResult } from './recognize-samples.ts'

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
  | { kind: 'freed' }
  | RecognitionResult

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
