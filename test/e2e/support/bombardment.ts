/** Sends files to a running server and says what it answered, how long it took, and what it cost the machine. */
import { Agent, get, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogLine } from '../../helpers/server-process.ts'
import { EMPTY_BODY, NOT_DECODED, TOO_LONG, TOO_SHORT, type ExpectedAnswer } from './answers.ts'
import { canReadProcesses, processTree, residentBytes } from './process-tree.ts'

/** A file to send. */
export interface Shot {
  /** Says how to make it again. */
  name: string
  bytes: Buffer
  /** `text` is status 200 with any text; without it each of the few answers that there are for a sound is right. */
  expected?: ExpectedAnswer | 'text' | readonly ExpectedAnswer[]
}

/** An answer that should not have been given. */
export interface Miss {
  shot: Shot
  answer: ExpectedAnswer | { failure: string }
  elapsedMs: number
}

export interface Bombardment {
  sentCount: number
  /** By error code, or `text`. */
  counts: Record<string, number>
  slowest: { elapsedMs: number, name: string }
  /** The longest that `GET /_emulator/health` took meanwhile: as long as the event loop was blocked, or longer. */
  slowestHealthMs: number
  /** Such calls that were not answered with 200: the server has gone. */
  failedHealthCount: number
  /** Most resident memory of the server and all of its children together; 0 where it cannot be seen. */
  peakBytes: number
  elapsedMs: number
  misses: Miss[]
}

export interface Target {
  url: string
  /** Of the server; without it no memory is measured. */
  pid?: number
}

/** As many as there are decoder children: no file waits for another, so each is measured alone. */
export const CONNECTION_COUNT = 2
/** A decoder is killed after 5 s; the rest is for the start of another one and the way there and back. */
export const MAX_DECODING_MS = 7000
/** The recogniser, too, needs some seconds for the longest of sounds. */
export const MAX_ANSWER_MS = 10_000
/** Above what server and children take when they rest, for all of them together. */
export const MAX_GROWTH_BYTES = 256 * 1024 * 1024
/** A child that is being replaced, and the connections of the health calls. */
export const MAX_MORE_OPEN_FILES = 16

const SAMPLE_MS = 20
const REFUSALS: readonly ExpectedAnswer[] = [NOT_DECODED, TOO_SHORT, TOO_LONG, EMPTY_BODY]
/** A tone is no speech, but the recogniser may well hear words in noise. */
const TRANSCRIPT = /^\{"text":"[a-z' ]*"\}$/

/** The server gets the next file of `shots` on each of two connections when it has answered the one before. */
export async function bombard (target: Target, shots: Iterable<Shot>): Promise<Bombardment> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTION_COUNT })
  const result: Bombardment = {
    sentCount: 0,
    counts: {},
    slowest: { elapsedMs: 0, name: 'none' },
    slowestHealthMs: 0,
    failedHealthCount: 0,
    peakBytes: 0,
    elapsedMs: 0,
    misses: []
  }
  const startedMs = performance.now()
  const stopWatching = watch(target, result)
  const iterator = shots[Symbol.iterator]()
  await Promise.all(Array.from({ length: CONNECTION_COUNT }, async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await sendOne(next.value)
  }))
  await stopWatching()
  agent.destroy()
  result.elapsedMs = performance.now() - startedMs
  return result

  async function sendOne (shot: Shot): Promise<void> {
    const sentMs = performance.now()
    const answer = await send(target.url, shot.bytes, agent).catch((error: unknown) => ({ failure: String(error) }))
    const elapsedMs = performance.now() - sentMs
    const code = 'failure' in answer ? 'none' : /STT\d+/.exec(answer.body)?.[0] ?? 'text'
    result.sentCount += 1
    result.counts[code] = (result.counts[code] ?? 0) + 1
    if (elapsedMs > result.slowest.elapsedMs) result.slowest = { elapsedMs, name: shot.name }
    if ('failure' in answer || !isRight(answer, shot.expected)) result.misses.push({ shot, answer, elapsedMs })
  }
}

/** The longest decoding that the server's log tells of. */
export function slowestDecodingMs (lines: readonly LogLine[]): number {
  return Math.max(0, ...lines.map(({ stepMs }) => (stepMs as { decode?: number } | undefined)?.decode ?? 0))
}

/** Sends one file as a client does. */
export function send (url: string, body: Buffer, agent?: Agent): Promise<ExpectedAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/recog/v1/stt?lang=Eng`, {
      method: 'POST',
      ...agent && { agent },
      headers: {
        'x-ncp-apigw-api-key-id': 'id',
        'x-ncp-apigw-api-key': 'secret',
        'content-type': 'application/octet-stream',
        'content-length': body.length
      }
    }, (answer) => {
      buffer(answer).then((bytes) => { resolve({ status: answer.statusCode ?? 0, body: bytes.toString() }) }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function isRight ({ status, body }: ExpectedAnswer, expected: Shot['expected']): boolean {
  if (status === 200) return (expected === undefined || expected === 'text') && TRANSCRIPT.test(body)
  const allowed = expected === undefined ? REFUSALS : [expected].flat()
  return allowed.some((each) => each !== 'text' && each.status === status && each.body === body)
}

/** Memory and the latency of a call that does nothing, until the function that it gives is called. */
function watch ({ url, pid }: Target, result: Bombardment): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const sample = (): void => {
    if (pid === undefined || !canReadProcesses) return
    result.peakBytes = Math.max(result.peakBytes, residentBytes(processTree(pid)))
  }
  const timer = setInterval(sample, SAMPLE_MS)
  const asking = (async () => {
    while (!signal.aborted) {
      const startedMs = performance.now()
      if (!await isHealthy(url)) result.failedHealthCount += 1
      result.slowestHealthMs = Math.max(result.slowestHealthMs, performance.now() - startedMs)
      await delay(SAMPLE_MS, undefined, { signal }).catch(() => {})
    }
  })()
  return async () => {
    clearInterval(timer)
    sample()
    stopping.abort()
    await asking
  }
}

/** On a connection of its own: one that is kept may be closed by the server just when it is used again. */
function isHealthy (url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(`${url}/_emulator/health`, { agent: false }, (answer) => {
      answer.resume().once('end', () => { resolve(answer.statusCode === 200) }).once('error', () => { resolve(false) })
    }).once('error', () => { resolve(false) })
  })
}
