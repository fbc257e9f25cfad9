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
import type { Demuxer } from './probe.ts'

/** One file to decode. */
export interface DecodeRequest {
  bytes: Uint8Array
  demuxer: Demuxer
  /** What comes later is not decoded. */
  maxSeconds: number
}

/** What the child says: once that it can work, then one answer per request. */
export type DecoderMessage =
  | { kind: 'ready' }
  | {
    kind: 'decoded'
    /** Little-endian 16-bit samples, mono, 16 kHz; none when nothing could be decoded. */
    pcmBytes: Uint8Array
    /** The first lines that FFmpeg wrote, or why it could not be run. */
    log: string
    rssBytes: number
  }

/** Enough to say what is wrong; a damaged file can produce a line per packet. */
const MAX_LOG_CHARACTERS = 2048
/**
 * For all that FFmpeg holds at a time. It begins with 32 MiB, which are enough for 61 s of every format; an MP4 of
 * 10 KB can claim tables of gigabytes, each of which is small enough for `-max_alloc`.
 */
const MAX_HEAP_BYTES = 67_108_864
const PAGE_BYTES = 65_536
/** Of the output. */
const BYTES_PER_SECOND = 32_000
const MAX_ALLOCATION_BYTES = 268_435_456

/**
 * FFmpeg's default filter lets 8.5 kHz through at -26 dB; this one is flat to 7 kHz and 87 dB down from 8.3 kHz on
 * (docs/adr/0014-six-formats.md). With `-ac 1` the same step mixes first and then resamples one channel.
 *
 * WebAssembly counts in floats faster than in 16-bit integers: 44.1 kHz takes 0.6 of the time. But some decoders leave
 * denormal floats where there is silence, which cost a processor twenty times as much: 60 s of Opus took 7 s. As
 * integers they are zeros. Back in floats, they are rounded to 16 bits; integers would be cut off, and silence be -1.
 */
const RESAMPLER = [
  'aformat=sample_fmts=s32',
  'aresample=16000:filter_size=64:cutoff=0.95:internal_sample_fmt=fltp',
  'aformat=sample_fmts=fltp'
].join(',')

function parametersFor ({ demuxer, maxSeconds }: DecodeRequest): string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-max_alloc', String(MAX_ALLOCATION_BYTES), '-max_streams', '16',
    '-f', demuxer, '-i', 'in', '-map', '0:a:0', '-vn', '-sn', '-dn', '-t', String(maxSeconds),
    // `-t` goes by timestamps, which in damaged files repeat themselves: one WebM gave six minutes.
    '-af', RESAMPLER, '-ac', '1', '-fs', String((maxSeconds + 1) * BYTES_PER_SECOND), '-f', 's16le', 'out'
  ]
}

async function decode (createInstance: () => Promise<FfmpegCore>, request: DecodeRequest) {
  let log = ''
  let pcmBytes: Uint8Array = new Uint8Array()
  try {
    const core = await createInstance()
    core.setLogger(({ message }) => {
      // The last word of every run, good or bad: this is how the build leaves `main`.
      if (message === 'Aborted()' || log.length === MAX_LOG_CHARACTERS) return
      log = `${log}${message}\n`.slice(0, MAX_LOG_CHARACTERS)
    })
    core.FS.writeFile('in', request.bytes)
    // Its exit code says little: 0 for a file that is cut off, 1 where most of the sound was read. The output counts.
    core.exec(...parametersFor(request))
    pcmBytes = core.FS.readFile('out')
  } catch (error) {
    // readFile, when nothing was written; or a trap of the WebAssembly. The instance is thrown away either way.
    log ||= String(error)
  }
  return { kind: 'decoded', pcmBytes, log, rssBytes: process.memoryUsage.rss() } satisfies DecoderMessage
}

/** To FFmpeg it looks as if the machine had no more memory, which it copes with. The build has no option for it. */
function limitHeap (): void {
  const grow = WebAssembly.Memory.prototype.grow
  WebAssembly.Memory.prototype.grow = function (pageCount) {
    if (this.buffer.byteLength + pageCount * PAGE_BYTES > MAX_HEAP_BYTES) throw new RangeError('the heap has its limit')
    return grow.call(this, pageCount)
  }
}

function say (message: DecoderMessage): void {
  // Without the callback, a parent that has just gone would be an error; 'disconnect' ends the process by itself.
  process.send!(message, undefined, {}, () => {})
}

// Also when the parent was killed: the channel closes with it, so that no child outlives its server.
process.on('disconnect', () => { process.exit(0) })

limitHeap()
const createInstance = await compileFfmpeg()
const requests = on(process, 'message')
say({ kind: 'ready' })
for await (const [request] of requests) say(await decode(createInstance, request as DecodeRequest))
