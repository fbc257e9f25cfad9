/**
 * The main module of an encoder process: FFmpeg as WebAssembly, one fresh instance per file. A process of its own,
 * because FFmpeg is GPL code and because it blocks its thread.
 *
 * Only `encoder.ts` starts it. Of the project it imports FFmpeg and types: it runs with an empty environment.
 */
import { on } from 'node:events'
import process from 'node:process'
import type { FfmpegCore } from '@ffmpeg/core'
import { compileFfmpeg } from '../audio/ffmpeg.ts'

/** One run of FFmpeg: `ffmpeg <inputParameters> -i input <parameters> -f <muxer> output`. */
export interface EncodeRequest {
  /** The first input, as a rule a WAV; FFmpeg finds out what it is, unless `inputParameters` say so. */
  input: Uint8Array
  /** Further files by name, without folders: for `['-i', 'name']` in the parameters, or for a filter. */
  files?: Readonly<Record<string, Uint8Array>>
  /** What FFmpeg has to know of the first input, e.g. `['-f', 'aac']`. */
  inputParameters?: readonly string[]
  /** Further inputs first, then what is to become of them, e.g. `['-c:a', 'libmp3lame', '-b:a', '64k']`. */
  parameters?: readonly string[]
  /** FFmpeg's name for the output: `flac`, `adts`, `ogg`, `ipod` (M4A), `s16le` (to decode), … */
  muxer: string
}

/** What the child says: one answer per request, in their order. */
export interface EncoderMessage {
  /** What FFmpeg wrote; nothing when it failed. */
  bytes: Uint8Array
  /** The first lines that FFmpeg complained with, or why it could not be run. */
  log: string
}

const MAX_LOG_CHARACTERS = 2048
const INPUT = 'input'
const OUTPUT = 'output'

/** No clock, no chance and no name of a library in the output: the same input gives the same bytes. */
const REPEATABLE = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-bitexact']

function argumentsFor ({ inputParameters = [], parameters = [], muxer }: EncodeRequest): string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', ...inputParameters, '-i', INPUT, ...parameters, ...REPEATABLE,
    '-f', muxer, OUTPUT
  ]
}

async function encode (createInstance: () => Promise<FfmpegCore>, request: EncodeRequest): Promise<EncoderMessage> {
  let log = ''
  try {
    const core = await createInstance()
    core.setLogger(({ message }) => {
      // The last word of every run, good or bad: this is how the build leaves `main`.
      if (message !== 'Aborted()') log = `${log}${message}\n`.slice(0, MAX_LOG_CHARACTERS)
    })
    for (const [name, bytes] of Object.entries(request.files ?? {})) core.FS.writeFile(name, bytes)
    core.FS.writeFile(INPUT, request.input)
    // Its exit code says little: what was written counts.
    core.exec(...argumentsFor(request))
    return { bytes: core.FS.readFile(OUTPUT), log }
  } catch (error) {
    // readFile, when nothing was written; or a trap of the WebAssembly.
    return { bytes: new Uint8Array(), log: log || String(error) }
  }
}

// Also when the parent was killed: the channel closes with it.
process.on('disconnect', () => { process.exit(0) })

// Before FFmpeg is compiled, for the first request may come earlier.
const requests = on(process, 'message')
const createInstance = await compileFfmpeg()
for await (const [request] of requests) {
  // Without the callback, a parent that has just gone would be an error.
  process.send!(await encode(createInstance, request as EncodeRequest), undefined, {}, () => {})
}
