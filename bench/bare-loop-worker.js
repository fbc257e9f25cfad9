/**
 * One thread of the bare loop: the recognition of the built server's workers, and nothing around it. Plain JavaScript
 * upon the build, because tsx does not reach into worker threads on every Node. Its messages are described in
 * bare-loop.ts.
 */
import { workerData } from 'node:worker_threads'
import { openLibvosk } from '../dist/engine/vosk/libvosk.js'
import { recognizeSamples } from '../dist/engine/vosk/recognize-samples.js'

const { libraryPath, commands, model, sounds } = workerData
const libvosk = openLibvosk(libraryPath)

commands.on('message', ({ durationMs, firstSound }) => {
  const startMs = performance.now()
  let soundCount = 0
  while (performance.now() - startMs < durationMs) {
    const answer = recognizeSamples(libvosk, model, sounds[(firstSound + soundCount) % sounds.length], () => false)
    if (answer.kind !== 'recognized') throw new Error(`the bare loop could not recognise: ${JSON.stringify(answer)}`)
    soundCount += 1
  }
  commands.postMessage({ soundCount, elapsedMs: performance.now() - startMs })
})
