/** Case 5, for docs/adr/0009: koffi's asynchronous calls or worker threads; the same sounds, the same model. */
import { availableParallelism } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import koffi from 'koffi'
import { PCM_SAMPLE_RATE_HERTZ } from '../src/audio/pcm.ts'
import { PIECE_SAMPLES, recognizeSamples } from '../src/engine/vosk/recognize-samples.ts'
import { openEngine, startBareLoop, type Engine } from './bare-loop.ts'
import { readClips } from './clips.ts'
import type { CaseResult, Row } from './report.ts'
import { median } from './statistics.ts'

/** How often the main thread's timer wants to fire; what is reported as delay is the time between two firings. */
const RESOLUTION_MS = 1

interface Measured {
  rate: number
  coresBusy: number
  loopP50Ms: number
  loopP99Ms: number
  loopMaxMs: number
}

export async function threading (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 2 : 5
  const windowMs = isQuick ? 1_000 : 2_000
  const sounds = (await readClips()).map(({ samples }) => samples)
  const engine = openEngine()
  const asynchronous = openAsynchronous(engine)
  const threadCount = availableParallelism()
  const loop = startBareLoop(engine, threadCount, sounds)
  const ways: Record<string, (durationMs: number) => Promise<number>> = {
    workers: (durationMs) => loop.run(durationMs),
    [`async${threadCount}`]: (durationMs) => asynchronous(sounds, threadCount, durationMs),
    [`async${threadCount * 2}`]: (durationMs) => asynchronous(sounds, threadCount * 2, durationMs),
    mainThread: async (durationMs) => blocking(engine, sounds, durationMs)
  }
  const rounds: Record<string, Measured[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  try {
    await loop.run(windowMs / 4)
    for (let round = 0; round < roundCount; round++) {
      for (const [name, run] of Object.entries(ways)) rounds[name]?.push(await measured(() => run(windowMs)))
    }
  } finally {
    await loop.close()
    engine.libvosk.freeModel(engine.model)
  }

  const of = (name: string, key: keyof Measured) => median((rounds[name] ?? []).map((each) => each[key]))
  const limit = of('workers', 'rate')
  return {
    rows: Object.keys(ways).flatMap((name): Row[] => [
      { name: `threading.${name}`, meaning: 'sounds; worker threads', value: of(name, 'rate'), unit: '/s', yardstick: limit, ratio: of(name, 'rate') / limit },
      { name: `threading.${name}.cores`, meaning: 'cores busy', value: of(name, 'coresBusy'), unit: '' },
      ...(['loopP50Ms', 'loopP99Ms', 'loopMaxMs'] as const).map((key) => ({
        name: `threading.${name}.${key}`, meaning: 'between two turns of a 1 ms timer on the main thread', value: of(name, key), unit: 'ms'
      }))
    ]),
    facts: rounds
  }
}

async function measured (run: () => Promise<number>): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  // The histogram counts from its first turn on.
  await pause()
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  const rate = await run()
  const elapsedMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpuBefore)
  // A blocked loop is only noticed by the turn after it.
  await pause()
  delay.disable()
  return {
    rate,
    coresBusy: (user + system) / 1000 / elapsedMs,
    loopP50Ms: delay.percentile(50) / 1e6,
    loopP99Ms: delay.percentile(99) / 1e6,
    loopMaxMs: delay.max / 1e6
  }
}

function pause (): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, 5 * RESOLUTION_MS) })
}

function blocking ({ libvosk, model }: Engine, sounds: readonly Int16Array[], durationMs: number): number {
  const startMs = performance.now()
  let count = 0
  while (performance.now() - startMs < durationMs) {
    recognizeSamples(libvosk, model, sounds[count++ % sounds.length]!, () => false)
  }
  return count * 1000 / (performance.now() - startMs)
}

/** Each call of the library as a promise: koffi runs it on a thread of libuv's pool. */
function openAsynchronous ({ libraryPath, model }: Engine) {
  const library = koffi.load(libraryPath)
  const promised = (declaration: string) => {
    const call = library.func(declaration)
    return (...values: unknown[]) => new Promise<unknown>((resolve, reject) => {
      call.async(...values, (error: unknown, value: unknown) => { error ? reject(error) : resolve(value) })
    })
  }
  const create = promised('void *vosk_recognizer_new(void *model, float sample_rate)')
  const release = promised('void vosk_recognizer_free(void *recognizer)')
  const accept = promised('int vosk_recognizer_accept_waveform_s(void *recognizer, const int16_t *data, int length)')
  const result = promised('const char *vosk_recognizer_result(void *recognizer)')
  const finalResult = promised('const char *vosk_recognizer_final_result(void *recognizer)')

  async function recognize (samples: Int16Array): Promise<void> {
    const recognizer = await create(model, PCM_SAMPLE_RATE_HERTZ)
    for (let start = 0; start < samples.length; start += PIECE_SAMPLES) {
      const piece = samples.subarray(start, start + PIECE_SAMPLES)
      if (await accept(recognizer, piece, piece.length) === 1) await result(recognizer)
    }
    await finalResult(recognizer)
    await release(recognizer)
  }

  return async (sounds: readonly Int16Array[], concurrency: number, durationMs: number): Promise<number> => {
    const startMs = performance.now()
    let started = 0
    let count = 0
    await Promise.all(Array.from({ length: concurrency }, async () => {
      while (performance.now() - startMs < durationMs) {
        await recognize(sounds[started++ % sounds.length]!)
        count += 1
      }
    }))
    return count * 1000 / (performance.now() - startMs)
  }
}
