/**
 * Keeps the decoder children: how many there are, which file each has, how long it may take. The only module of
 * this folder that starts processes.
 *
 * A child that has hung, crashed or grown is killed and forgotten; the next file starts another. Nothing that happens
 * to a child reaches the server but as one refused file.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { ApiError } from '../errors/api-error.ts'
import type { DecodeRequest, DecoderMessage } from './decoder-child.ts'

/** How many children there may be, and when one has to go. */
export interface DecoderPoolOptions {
  /** Children that may work at the same time, 1..; each is started when it is first needed. */
  childCount: number
  /** Files that may wait for a child, 0.. */
  queueLength: number
  /** For one file, counted from when a child that is ready has it; a child gets as long to start. */
  timeoutMs?: number
  /** Files after which a child is replaced. */
  maxChildJobCount?: number
  /** Resident memory above which a child is replaced. */
  maxChildRssBytes?: number
  /** `forkDecoderChild` unless given; tests give children that misbehave. */
  forkChild?: () => ChildProcess
}

/** What a child made of a file. */
export interface DecodedFile {
  /** 16 kHz mono; none when the file gave no sample. */
  samples: Int16Array<ArrayBuffer>
  /** What FFmpeg complained about, at most 2048 characters. */
  log: string
}

/** Decodes files in child processes. */
export interface DecoderPool {
  /**
   * Decodes one file in a child.
   *
   * @param signal drops a file that still waits; the answer for a file that a child has already is ignored
   * @throws GATEWAY_ENDPOINT_ERROR when `queueLength` files wait already
   * @throws STT_DECODE_FAILED when the child ended or took too long, or the pool was closed
   * @throws the signal's reason, when it aborts
   */
  run (request: DecodeRequest, signal: AbortSignal): Promise<DecodedFile>
  /** Kills all children, whatever they do, and resolves when they are gone. */
  close (): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 5000
const DEFAULT_MAX_CHILD_JOB_COUNT = 200
const DEFAULT_MAX_CHILD_RSS_BYTES = 400 * 1024 * 1024

interface Job {
  request: DecodeRequest
  resolve (file: DecodedFile): void
  reject (error: unknown): void
}

interface Child {
  process: ChildProcess
  job: Job | undefined
  jobCount: number
  deadline: NodeJS.Timeout | undefined
}

/**
 * What a child inherits, by the kind of this module: nothing of the server when compiled; run from the TypeScript
 * sources it needs flags and environment to find the loader that runs them.
 */
const INHERITED = {
  '.js': { execArgv: [], env: {} },
  '.ts': { execArgv: process.execArgv, env: process.env }
}

/** Starts one decoder child; it says `ready` when it can work. */
export function forkDecoderChild (): ChildProcess {
  const extension = extname(import.meta.url) as keyof typeof INHERITED
  const { execArgv, env } = INHERITED[extension]
  return fork(fileURLToPath(new URL(`./decoder-child${extension}`, import.meta.url)), {
    serialization: 'advanced',
    execArgv: [...execArgv, '--max-old-space-size=256'],
    env,
    // What a child writes when it dies (V8 out of memory) belongs where the server's own last words go.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
}

/** @returns a pool that has no process until the first file needs one */
export function createDecoderPool (options: DecoderPoolOptions): DecoderPool {
  const {
    childCount, queueLength, timeoutMs = DEFAULT_TIMEOUT_MS, maxChildJobCount = DEFAULT_MAX_CHILD_JOB_COUNT,
    maxChildRssBytes = DEFAULT_MAX_CHILD_RSS_BYTES, forkChild = forkDecoderChild
  } = options
  const waiting = new Set<Job>()
  const children = new Set<Child>()
  /** Every process that has not gone yet, also those that are killed and no longer in `children`. */
  const processes = new Set<ChildProcess>()
  let isClosed = false

  function startChild (): Child {
    const child: Child = { process: forkChild(), job: undefined, jobCount: 0, deadline: undefined }
    children.add(child)
    processes.add(child.process)
    // A child does not keep the server alive. While it has a file, the timer of its deadline does.
    child.process.unref()
    child.process.channel?.unref()
    child.process.on('message', (message: DecoderMessage) => {
      // Starting takes longer than most files: it does not count against the first one.
      if (message.kind === 'ready') child.deadline?.refresh()
      else finish(child, message)
    })
    child.process.on('error', error => {
      // A process that could not be started has no 'exit'.
      if (child.process.pid === undefined) processes.delete(child.process)
      endChild(child, `the decoder child failed: ${error.message}`)
    })
    child.process.on('exit', (code, signal) => {
      processes.delete(child.process)
      endChild(child, `the decoder child ended with ${signal ?? `exit code ${code}`}`)
    })
    return child
  }

  function assign (): void {
    for (const job of waiting) {
      const child = [...children].find(child => child.job === undefined) ??
        (children.size < childCount ? startChild() : undefined)
      if (child === undefined) return
      waiting.delete(job)
      child.job = job
      child.jobCount += 1
      child.deadline = setTimeout(endChild, timeoutMs, child, `decoding took longer than ${timeoutMs} ms`)
      child.process.send(job.request, error => {
        if (error) endChild(child, `the decoder child took no file: ${error.message}`)
      })
    }
  }

  function finish (child: Child, { pcmBytes, log, rssBytes }: Extract<DecoderMessage, { kind: 'decoded' }>): void {
    clearTimeout(child.deadline)
    // A copy, because the message need not begin at an even address.
    const samples = new Int16Array(Math.floor(pcmBytes.length / 2))
    new Uint8Array(samples.buffer).set(pcmBytes.subarray(0, samples.byteLength))
    child.job?.resolve({ samples, log })
    child.job = undefined
    if (child.jobCount >= maxChildJobCount || rssBytes > maxChildRssBytes) endChild(child, 'replaced')
    else assign()
  }

  /** The one way to lose a child; `reason` is for the file that it has, if any. */
  function endChild (child: Child, reason: string): void {
    if (!children.delete(child)) return
    clearTimeout(child.deadline)
    // Not a polite signal: a child in an endless loop of WebAssembly would never see it.
    child.process.kill('SIGKILL')
    child.job?.reject(new ApiError('STT_DECODE_FAILED', { reason }))
    assign()
  }

  function run (request: DecodeRequest, signal: AbortSignal): Promise<DecodedFile> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      if (isClosed) throw new ApiError('STT_DECODE_FAILED', { reason: 'the decoder is closed' })
      const job: Job = { request, resolve, reject }
      const abort = (): void => {
        waiting.delete(job)
        reject(signal.reason)
      }
      job.resolve = file => {
        signal.removeEventListener('abort', abort)
        resolve(file)
      }
      job.reject = error => {
        signal.removeEventListener('abort', abort)
        reject(error)
      }
      waiting.add(job)
      assign()
      if (waiting.size > queueLength) {
        waiting.delete(job)
        throw new ApiError('GATEWAY_ENDPOINT_ERROR', { reason: `${queueLength} files wait for a decoder already` })
      }
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  async function close (): Promise<void> {
    isClosed = true
    const reason = 'the decoder was closed'
    for (const job of waiting) job.reject(new ApiError('STT_DECODE_FAILED', { reason }))
    waiting.clear()
    for (const child of children) endChild(child, reason)
    await Promise.all([...processes].map(process => new Promise(resolve => {
      process.ref()
      process.once('exit', resolve)
    })))
  }

  return { run, close }
}
