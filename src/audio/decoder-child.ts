/**
 * The main module of a decoder child: FFmpeg as WebAssembly, one fresh instance per file, in a process of its own.
 * What can go wrong in 30 MB of C (aborts, endless loops, 2 GB of memory) goes wrong here and not in the server.
 *
 * Only `decoder-pool.ts` starts it. Of the project it imports FFmpeg and types: it runs with an empty environment and
 * has nothing to do with the server.
 */
import { on } from 'node:events'
import process from 'node:process'
import type { FfmpegCore } from '@ffmpeg/core'
import { compileFfmpeg } from './ffmpeg.ts'
import type { Demuxer } from './sniff.ts'

/** One file to decode. */
export interface DecodeRequest {
  bytes: Uint8Array
  demuxer: Demuxer
}

/** What the child says: once that it can work, then one answer per request. */
export type DecoderMessage =
  | { kind: 'ready' }
  | {
    kind: 'decoded'
    /** Little-endian 16-bit samples, mono, 16 kHz, at most 61 s; none when nothing could be decoded. */
    pcmBytes: Uint8Array
    /** The first lines that FFmpeg wrote, or why it could not be run. */
    log: string
    rssBytes: number
  }

/** Enough to say what is wrong; a damaged file can produce a line per packet. */
const MAX_LOG_CHARACTERS = 2048
/** One second more than the longest sound that is accepted: makes bombs harmless. */
const MAX_SECONDS = 61
const MAX_ALLOCATION_BYTES = 268_435_456

/**
 * FFmpeg's default filter lets 8.5 kHz through at -26 dB; this one is flat to 7 kHz and 70 dB down from 8.25 kHz on
 * (docs/adr/0010-decoder-child.md). With `-ac 1` the same step mixes first and then resamples one channel.
 */
const RESAMPLER = 'aresample=16000:filter_size=64:cutoff=0.95'

function parametersFor (demuxer: Demuxer): string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-max_alloc', String(MAX_ALLOCATION_BYTES), '-max_streams', '16',
    '-f', demuxer, '-i', 'in', '-map', '0:a:0', '-vn', '-sn', '-dn', '-t', String(MAX_SECONDS),
    '-af', RESAMPLER, '-ac', '1', '-f', 's16le', 'out'
  ]
}

async function decode (createInstance: () => Promise<FfmpegCore>, request: DecodeRequest) {
  let log = ''
  let pcmBytes: Uint8Array = new Uint8Array()
  try {
    const core = await createInstance()
    core.setLogger(({ message }) => {
      // The last word of every run, good or bad: this is how the build leaves `main`.
      if (message !== 'Aborted()') log = `${log}${message}\n`.slice(0, MAX_LOG_CHARACTERS)
    })
    core.FS.writeFile('in', request.bytes)
    // Its exit code says little: 0 for a file that is cut off, 1 where most of the sound was read. The output counts.
    core.exec(...parametersFor(request.demuxer))
    pcmBytes = core.FS.readFile('out')
  } catch (error) {
    // readFile, when nothing was written; or a trap of the WebAssembly. The instance is thrown away either way.
    log ||= String(error)
  }
  return { kind: 'decoded', pcmBytes, log, rssBytes: process.memoryUsage.rss() } satisfies DecoderMessage
}

function say (message: DecoderMessage): void {
  // Without the callback, a parent that has just gone would be an error; 'disconnect' ends the process by itself.
  process.send!(message, undefined, {}, () => {})
}

// Also when the parent was killed: the channel closes with it, so that no child outlives its server.
process.on('disconnect', () => { process.exit(0) })

const createInstance = await compileFfmpeg()
const requests = on(process, 'message')
say({ kind: 'ready' })
for await (const [request] of requests) say(await decode(createInstance, request as DecodeRequest))
