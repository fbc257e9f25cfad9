/** One request with its answer: what is known about it while it is under way. Other steps fill it in. */
import type { CatalogueKey } from '../errors/catalogue.ts'
import type { Clock } from '../ports.ts'

/** Who is answering right now; decides which row stands for a defect of ours. */
export type AnsweringLayer = 'gateway' | 'service' | 'admin'

/** Sound facts as they are logged. */
interface LoggedAudio {
  container: string
  encoding: string
  sampleRateHertz?: number
  channelCount?: number
  durationMs: number
}

export class Exchange {
  readonly traceId: string
  layer: AnsweringLayer = 'gateway'
  clientId?: string
  lang?: string
  bodyBytes?: number
  framing?: 'content-length' | 'chunked' | 'none'
  audio?: LoggedAudio
  /** Of the decoded samples: the name of the sound in a transcript lockfile. */
  audioSha256?: string
  transcriptSource?: string
  text?: string
  errorKey?: CatalogueKey
  /** Why it came to that error, for the log only. */
  reason?: string
  /** What each step took, in milliseconds. */
  readonly stepMs: Record<string, number> = {}
  /** Aborted when the client has gone before its answer. */
  readonly clientGone = new AbortController()
  readonly #clock: Clock
  readonly #startedMs: number

  constructor (traceId: string, clock: Clock) {
    this.traceId = traceId
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  get elapsedMs (): number {
    return round(this.#clock.monotonicMs() - this.#startedMs)
  }

  /** Runs one step and notes what it took, also when it fails. */
  async measure<Result> (step: string, run: () => Promise<Result>): Promise<Result> {
    const startedMs = this.#clock.monotonicMs()
    try {
      return await run()
    } finally {
      this.stepMs[step] = round(this.#clock.monotonicMs() - startedMs)
    }
  }
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange
  }
}
