/** Worker threads for libvosk: a bounded queue, one job at a time for each worker, deadlines, cancellation. */
import { Worker } from 'node:worker_threads'
import { ApiError } from '../../errors/api-error.ts'
import type { WorkerAnswer, WorkerInit, WorkerJob } from './vosk-worker.ts'

export interface WorkerPoolOptions {
  libraryPath: string
  workerCount: number
  /** How many sounds may wait; one more is refused. Loading and freeing models is never refused. */
  queueLength: number
}

export interface RunOptions {
  /** Moved to the worker instead of copied. */
  transfer?: ArrayBuffer[]
  /** Gives the job up: a waiting one is dropped, a running one ends at its next piece. */
  signal?: AbortSignal
  /** The clock starts when a worker takes the job, not while it waits. */
  timeoutMs?: number
}

interface Task {
  job: WorkerJob
  options: RunOptions
  settle: (outcome: { answer: WorkerAnswer } | { error: unknown }) => void
}

interface Lane {
  worker: Worker
  cancelledId: Int32Array
  task: Task | undefined
  timer?: NodeJS.Timeout
}

// The worker is a module of its own: `.ts` when tests run the source, `.js` in the built package.
const WORKER_URL = new URL(`./vosk-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #lanes = new Set<Lane>()
  readonly #waiting: Task[] = []
  #lastJobId = 0
  #isClosed = false

  constructor (options: WorkerPoolOptions) {
    this.#options = options
  }

  /** A number that no other job of this pool has. */
  nextJobId (): number {
    this.#lastJobId = (this.#lastJobId + 1) & 0x7fffffff
    return this.#lastJobId
  }

  /**
   * Runs a job on the next free worker.
   *
   * @throws GATEWAY_ENDPOINT_ERROR when the queue is full or the pool is closed
   * @throws GATEWAY_ENDPOINT_TIMEOUT when `timeoutMs` have passed since a worker took it
   * @throws the signal's reason when it is aborted
   */
  run (job: WorkerJob, options: RunOptions = {}): Promise<WorkerAnswer> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (this.#isClosed) throw new ApiError('GATEWAY_ENDPOINT_ERROR', { reason: 'the engine is closed' })
      const task: Task = {
        job,
        options,
        settle: (outcome) => {
          signal?.removeEventListener('abort', onAbort)
          'answer' in outcome ? resolve(outcome.answer) : reject(outcome.error)
        }
      }
      const onAbort = () => { this.#giveUp(task, signal?.reason) }
      const lane = this.#freeLane()
      if (lane !== undefined) {
        this.#start(lane, task)
      } else if (job.kind !== 'recognize' || this.#waiting.length < this.#options.queueLength) {
        this.#waiting.push(task)
      } else {
        throw new ApiError('GATEWAY_ENDPOINT_ERROR', {
          reason: `${this.#waiting.length} sounds wait for a recogniser already (CSR_QUEUE_LENGTH)`
        })
      }
      signal?.addEventListener('abort', onAbort)
    })
  }

  /** Ends all workers. What still waits or runs is refused. */
  async close (): Promise<void> {
    this.#isClosed = true
    const error = new ApiError('GATEWAY_ENDPOINT_ERROR', { reason: 'the engine is closed' })
    for (const task of this.#waiting.splice(0)) task.settle({ error })
    await Promise.all([...this.#lanes].map(async (lane) => {
      this.#finish(lane, { error })
      await lane.worker.terminate()
    }))
  }

  #freeLane (): Lane | undefined {
    for (const lane of this.#lanes) if (lane.task === undefined) return lane
    return this.#lanes.size < this.#options.workerCount ? this.#addLane() : undefined
  }

  #addLane (): Lane {
    const cancelled = new SharedArrayBuffer(4)
    const init: WorkerInit = { libraryPath: this.#options.libraryPath, cancelled }
    const worker = new Worker(WORKER_URL, { workerData: init })
    const lane: Lane = { worker, cancelledId: new Int32Array(cancelled), task: undefined }
    // An idle worker must not keep the process alive; a running call does that by its socket.
    worker.unref()
    worker.on('message', (answer: WorkerAnswer) => {
      this.#finish(lane, { answer })
      const next = this.#waiting.shift()
      if (next !== undefined) this.#start(lane, next)
    })
    worker.on('error', (error) => { this.#lose(lane, String(error)) })
    worker.on('exit', () => { this.#lose(lane, 'the worker has ended') })
    this.#lanes.add(lane)
    return lane
  }

  #start (lane: Lane, task: Task): void {
    const { transfer = [], timeoutMs } = task.options
    lane.task = task
    if (timeoutMs !== undefined) {
      lane.timer = setTimeout(() => {
        this.#giveUp(task, new ApiError('GATEWAY_ENDPOINT_TIMEOUT', {
          reason: `recognition took longer than ${timeoutMs} ms (CSR_RECOGNITION_TIMEOUT_MS)`
        }))
      }, timeoutMs)
    }
    lane.worker.postMessage(task.job, transfer)
  }

  #finish (lane: Lane, outcome: { answer: WorkerAnswer } | { error: unknown }): void {
    clearTimeout(lane.timer)
    lane.task?.settle(outcome)
    lane.task = undefined
  }

  /** A worker that died takes its job with it; the next job gets a new worker. */
  #lose (lane: Lane, problem: string): void {
    if (!this.#lanes.delete(lane)) return
    this.#finish(lane, { answer: { kind: 'failed', problem } })
    const next = this.#waiting.shift()
    if (next !== undefined) this.#start(this.#addLane(), next)
  }

  #giveUp (task: Task, error: unknown): void {
    const position = this.#waiting.indexOf(task)
    if (position >= 0) this.#waiting.splice(position, 1)
    for (const { task: running, cancelledId } of this.#lanes) {
      // The worker looks at this number between two pieces of the sound and stops when it is its own.
      if (running === task && task.job.kind === 'recognize') Atomics.store(cancelledId, 0, task.job.id)
    }
    task.settle({ error })
  }
}
