/** The limit: libvosk in as many threads as there are cores, one model for all, without HTTP. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { findLibrary } from '../src/engine/vosk/library-path.ts'
import { openLibvosk, type Libvosk, type ModelAddress } from '../src/engine/vosk/libvosk.ts'
import { prepareModel } from '../src/engine/vosk/prepared-model.ts'
import type { WorkerInit } from '../src/engine/vosk/vosk-worker.ts'

export interface Engine {
  libraryPath: string
  libvosk: Libvosk
  model: ModelAddress
}

/** Opens the library of the build and loads the English starter model, as the server does. */
export function openEngine (): Engine {
  const nativeFolder = fileURLToPath(new URL('../dist/native/', import.meta.url))
  const library = findLibrary(process.env['CSR_LIBVOSK'] ?? '', nativeFolder, `${process.platform}-${process.arch}`)
  if ('problem' in library) throw new Error(library.problem)
  const libvosk = openLibvosk(library.path)
  const folder = prepareModel(fileURLToPath(new URL('../models/starter/eng', import.meta.url)))
  const model = libvosk.newModel(folder.path)
  folder.release()
  if (model === undefined) throw new Error('the starter model cannot be loaded')
  return { libraryPath: library.path, libvosk, model }
}

interface LoopInit extends WorkerInit {
  commands: MessagePort
  model: ModelAddress
  sounds: Int16Array[]
}

interface LoopCommand {
  durationMs: number
  /** Which sound comes first: threads that start at different ones do not run in step. */
  firstSound: number
}

interface LoopOutcome {
  soundCount: number
  elapsedMs: number
}

export interface BareLoop {
  /** @returns sounds per second of all threads together */
  run (durationMs: number): Promise<number>
  close (): Promise<void>
}

export function startBareLoop (engine: Engine, threadCount: number, sounds: Int16Array[]): BareLoop {
  const threads = Array.from({ length: threadCount }, () => {
    const { port1, port2 } = new MessageChannel()
    const init: LoopInit = {
      libraryPath: engine.libraryPath,
      cancelled: new SharedArrayBuffer(4),
      commands: port2,
      model: engine.model,
      sounds
    }
    const worker = new Worker(new URL('bare-loop-worker.js', import.meta.url), {
      workerData: init,
      transferList: [port2]
    })
    const failure = once(worker, 'error').then(([error]) => { throw error })
    // Noticed by the next run; until then it must not end the process.
    failure.catch(() => {})
    return { worker, commands: port1, failure }
  })

  return {
    async run (durationMs) {
      const rates = await Promise.all(threads.map(async ({ commands, failure }, index) => {
        commands.postMessage({ durationMs, firstSound: index } satisfies LoopCommand)
        const [outcome] = await Promise.race([once(commands, 'message'), failure]) as [LoopOutcome]
        return outcome.soundCount * 1000 / outcome.elapsedMs
      }))
      return rates.reduce((sum, rate) => sum + rate, 0)
    },
    async close () {
      await Promise.all(threads.map(({ worker, commands }) => {
        commands.close()
        return worker.terminate()
      }))
    }
  }
}
