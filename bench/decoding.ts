/**
 * Case: decoding and resampling a file of each format, against Debian's ffmpeg on the same file. Ours is one of the
 * server's decoder children, warm; theirs is what a program would do that calls ffmpeg: a process for each file.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAudioDecoder, type AudioDecoder } from '../src/audio/decode.ts'
import { createEncoder } from '../src/kit/encoder.ts'
import { repeatedWav } from './clips.ts'
import { compared, type CaseResult } from './report.ts'
import { median } from './statistics.ts'

const FORMATS: readonly [name: string, muxer: string, parameters: string][] = [
  ['wav16k', 'wav', '-c:a pcm_s16le'],
  ['wav22k', 'wav', '-c:a pcm_s16le -ar 22050'],
  ['mp3', 'mp3', '-c:a libmp3lame -b:a 128k -ar 44100 -ac 2'],
  ['aac', 'adts', '-c:a aac -b:a 128k -ar 44100 -ac 2'],
  ['ac3', 'ac3', '-c:a ac3 -b:a 192k -ar 48000 -ac 2'],
  ['vorbis', 'ogg', '-c:a libvorbis -q:a 4 -ar 44100 -ac 2'],
  ['opus', 'ogg', '-c:a libopus -b:a 32k'],
  ['flac', 'flac', '-c:a flac']
]
const SECONDS = [10, 59]
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024
/** The resampler that the emulator asks for (src/audio/decoder-child.ts). */
const NATIVE_PARAMETERS = ['-af', 'aresample=16000:filter_size=64:cutoff=0.95', '-ac', '1', '-f', 's16le', 'pipe:1']

interface Measured {
  name: string
  meaning: string
  bytes: Buffer
  oursMs: number[]
  nativeMs: number[]
}

export async function decoding (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 3 : 9
  const folder = mkdtempSync(join(tmpdir(), 'csr-emulator-bench-'))
  const decoder = createAudioDecoder({ childCount: 1, queueLength: 0, timeoutMs: 30_000 })
  const hasNative = isInstalled()
  try {
    const all = await makeFiles()
    for (const { name, bytes } of all) writeFileSync(join(folder, name), bytes)
    // FFmpeg's code is compiled in the child while it runs: what is measured is a server that has been up for a while.
    for (const { bytes } of all) await decode(decoder, bytes)
    for (let round = 0; round < roundCount; round++) {
      for (const { name, bytes, oursMs, nativeMs } of all) {
        oursMs.push(await timed(() => decode(decoder, bytes)))
        if (hasNative) nativeMs.push(await timed(() => decodeNatively(join(folder, name))))
      }
    }
    return { rows: all.map((each) => rowOf(each, hasNative)), facts: factsOf(all) }
  } finally {
    await decoder.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeFiles (): Promise<Measured[]> {
  const example = readFileSync(new URL('../models/starter/eng/example.wav', import.meta.url))
  const encoder = createEncoder()
  const all: Measured[] = []
  for (const seconds of SECONDS) {
    const input = repeatedWav(example, seconds)
    for (const [format, muxer, parameters] of FORMATS) {
      const bytes = await encoder.encode({ input, parameters: parameters.split(' '), muxer })
      const name = `${format}.${seconds}s`
      all.push({ name, meaning: `${seconds} s of ${format}, ${Math.round(bytes.length / 1000)} KB`, bytes, oursMs: [], nativeMs: [] })
    }
  }
  await encoder.close()
  return all
}

async function decode (decoder: AudioDecoder, bytes: Buffer): Promise<void> {
  const { pcm } = await decoder.decode(bytes, new AbortController().signal)
  if (pcm.samples.length < 100_000) throw new Error('not all of the sound was decoded')
}

async function decodeNatively (file: string): Promise<void> {
  const { stdout } = await promisify(execFile)('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', file, ...NATIVE_PARAMETERS], {
    encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES
  })
  if (stdout.length < 200_000) throw new Error('not all of the sound was decoded')
}

function isInstalled (): boolean {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    process.stderr.write('there is no ffmpeg to compare with: only our own times are given\n')
    return false
  }
}

async function timed (run: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await run()
  return performance.now() - startMs
}

function rowOf ({ name, meaning, oursMs, nativeMs }: Measured, hasNative: boolean) {
  const rowName = `decoding.${name}`
  if (!hasNative) return { name: rowName, meaning, value: median(oursMs), unit: 'ms' }
  return {
    ...compared(rowName, `${meaning}; a process with Debian's ffmpeg`, 'ms', median(oursMs), median(nativeMs)),
    ratio: median(oursMs.map((ms, round) => ms / (nativeMs[round] ?? NaN)))
  }
}

function factsOf (all: readonly Measured[]): Record<string, unknown> {
  return Object.fromEntries(all.map(({ name, oursMs, nativeMs }) => [name, { oursMs, nativeMs }]))
}
