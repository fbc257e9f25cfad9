/**
 * Makes sound files of any kind, with the FFmpeg that the decoder uses too, in a child process. No system tool, no
 * network, and the same bytes on every machine.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { EncodeRequest, EncoderMessage } from './encoder-child.ts'

export type { EncodeRequest } from './encoder-child.ts'

/** Runs FFmpeg in a process of its own. */
export interface Encoder {
  /**
   * Makes one file; several calls are done one after the other. What it makes depends on the request alone.
   *
   * @throws Error when FFmpeg wrote nothing, with what it said; when the process died; when the encoder is closed
   */
  encode (request: EncodeRequest): Promise<Buffer>
  /** Kills the process, whatever it does, and resolves when it has gone. */
  close (): Promise<void>
}

/** How the process is started; only tests need to say. */
export interface EncoderOptions {
  /** `forkEncoderChild` unless given. */
  forkChild?: () => ChildProcess
}

/**
 * What the child inherits, by the kind of this module: nothing when compiled; run from the TypeScript sources it needs
 * flags and environment to find the loader that runs them.
 */
const INHERITED = {
  '.js': { execArgv: [], env: {} },
  '.ts': { execArgv: process.execArgv, env: process.env }
}

function forkEncoderChild (): ChildProcess {
  const extension = extname(import.meta.url) as keyof typeof INHERITED
  return fork(fileURLToPath(new URL(`./encoder-child${extension}`, import.meta.url)), {
    serialization: 'advanced',
    ...INHERITED[extension],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
}

/** @returns an encoder that has no process until the first file needs one; after a death it starts another */
export function createEncoder ({ forkChild = forkEncoderChild }: EncoderOptions = {}): Encoder {
  let child: ChildProcess | undefined
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false

  function startChild (): ChildProcess {
    const started = forkChild()
    const forget = (): void => { if (child === started) child = undefined }
    started.once('exit', forget)
    // A process that could not be started has no 'exit'.
    started.on('error', forget)
    child = started
    return started
  }

  async function run (request: EncodeRequest): Promise<Buffer> {
    if (isClosed) throw new Error('the encoder is closed')
    const { bytes, log } = await ask(child ?? startChild(), request)
    if (bytes.length > 0) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const parameters = [...request.parameters ?? [], '-f', request.muxer].join(' ')
    throw new Error(`FFmpeg wrote nothing for "${parameters}": ${log.trim() || 'it does not say why'}`)
  }

  function encode (request: EncodeRequest): Promise<Buffer> {
    const file = last.then(() => run(request))
    last = file.catch(() => {})
    return file
  }

  async function close (): Promise<void> {
    isClosed = true
    const running = child
    if (running === undefined) return
    const gone = new Promise((resolve) => { running.once('exit', resolve).once('error', resolve) })
    // Not a polite signal: a child in the middle of a file would not see it.
    running.kill('SIGKILL')
    running.ref()
    await gone
  }

  return { encode, close }
}

/** One question to an idle child. It keeps this process alive only as long as it has a question. */
function ask (child: ChildProcess, request: EncodeRequest): Promise<EncoderMessage> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      child.off('message', onMessage).off('exit', onExit).off('error', onError)
      child.unref()
      child.channel?.unref()
      done()
    }
    const onMessage = (message: EncoderMessage): void => { settle(() => { resolve(message) }) }
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
      settle(() => { reject(new Error(`the encoder process ended with ${signal ?? `exit code ${code}`}`)) })
    }
    const onError = (error: Error): void => {
      settle(() => { reject(new Error(`the encoder process failed: ${error.message}`, { cause: error })) })
    }
    child.on('message', onMessage).on('exit', onExit).on('error', onError)
    child.ref()
    child.channel?.ref()
    child.send(request, (error) => { if (error) onError(error) })
  })
}
