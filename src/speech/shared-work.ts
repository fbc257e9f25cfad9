/** Work that several callers want at the same time is done once. */

/** What a caller of shared work gets. */
export interface SharedResult<Result> {
  value: Result
  /** True for whoever came while the work was under way already. */
  isJoined: boolean
}

export interface SharedWork<Result> {
  /**
   * Starts the work, or joins the one of the same key that is under way. Nothing is remembered once it has ended.
   *
   * @param signal this caller's own: when it aborts, this caller leaves with its reason and the others stay
   * @param work called for the first caller only; its signal aborts when the last caller has left
   * @throws whatever the work throws, to everybody who waits
   * @throws the signal's reason, when it aborts
   */
  run (
    key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>
  ): Promise<SharedResult<Result>>
}

interface Job<Result> {
  outcome: Promise<Result>
  callerCount: number
  controller: AbortController
}

/** Work by key, for callers that may leave before it is done. */
export function createSharedWork<Result> (): SharedWork<Result> {
  const jobs = new Map<string, Job<Result>>()

  function end (key: string, job: Job<Result>): void {
    // By then the key may be another job's: one that everybody has left takes its time to end.
    if (jobs.get(key) === job) jobs.delete(key)
  }

  function start (key: string, work: (signal: AbortSignal) => Promise<Result>): Job<Result> {
    const controller = new AbortController()
    const { signal } = controller
    // In a turn of its own: the job is known by its key before any of the work runs, whatever the work then calls.
    const outcome = Promise.resolve().then(() => {
      signal.throwIfAborted()
      return work(signal)
    }).finally(() => { end(key, job) })
    const job: Job<Result> = { outcome, callerCount: 0, controller }
    jobs.set(key, job)
    return job
  }

  return {
    async run (key, signal, work) {
      signal.throwIfAborted()
      const known = jobs.get(key)
      const job = known ?? start(key, work)
      job.callerCount += 1
      return await new Promise((resolve, reject) => {
        const leave = () => {
          reject(signal.reason)
          job.callerCount -= 1
          if (job.callerCount > 0) return
          // Before it is aborted: whoever comes now must not join what is ending.
          end(key, job)
          job.controller.abort(signal.reason)
        }
        const stay = () => { signal.removeEventListener('abort', leave) }
        signal.addEventListener('abort', leave, { once: true })
        job.outcome.then((value) => {
          stay()
          resolve({ value, isJoined: known !== undefined })
        }, (error: unknown) => {
          stay()
          reject(error)
        })
      })
    }
  }
}
