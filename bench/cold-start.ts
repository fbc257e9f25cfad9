/** Case 1: how long until somebody can use it. */
import { RawConnection, prepareRequest } from './http-client.ts'
import { readClips } from './clips.ts'
import { compared, type CaseResult } from './report.ts'
import { KEYS, residentMib, startProcess } from './server-process.ts'
import { median } from './statistics.ts'

const POLL_MS = 2

export async function coldStart (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 3 : 7
  const [clip] = await readClips()
  if (clip === undefined) throw new Error('there is no clip')
  const call = prepareRequest(clip.wav, { headers: KEYS })
  const emulator: Awaited<ReturnType<typeof startEmulator>>[] = []
  const bare: { readyLineMs: number, firstAnswerMs: number }[] = []
  for (let round = 0; round < roundCount; round++) {
    bare.push(await startBare())
    emulator.push(await startEmulator())
  }

  async function startBare () {
    const server = await startProcess('bare')
    try {
      await answerOf(server.url)
      return { readyLineMs: server.readyLineMs, firstAnswerMs: performance.now() - server.spawnedAtMs }
    } finally {
      await server.stop()
    }
  }

  async function startEmulator () {
    const server = await startProcess('emulator')
    try {
      await untilReady(server.url)
      const engineReadyMs = performance.now() - server.spawnedAtMs
      const body = await answerOf(server.url)
      const firstTranscriptMs = performance.now() - server.spawnedAtMs
      if (!body.equals(clip!.expectedBody)) throw new Error(`not the words of the clip: ${body.toString()}`)
      return { readyLineMs: server.readyLineMs, engineReadyMs, firstTranscriptMs, residentMib: residentMib(server.pid) }
    } finally {
      await server.stop()
    }
  }

  async function answerOf (url: string): Promise<Buffer> {
    const connection = new RawConnection(url)
    const { body } = await connection.send(call)
    connection.close()
    return body
  }

  const bareLineMs = median(bare.map(({ readyLineMs }) => readyLineMs))
  const bareAnswerMs = median(bare.map(({ firstAnswerMs }) => firstAnswerMs))
  return {
    rows: [
      compared('coldStart.readyLine', 'spawn to the line with the address; bare Fastify', 'ms',
        median(emulator.map(({ readyLineMs }) => readyLineMs)), bareLineMs),
      compared('coldStart.engineReady', 'spawn to 200 of `/_emulator/ready`; bare Fastify listens', 'ms',
        median(emulator.map(({ engineReadyMs }) => engineReadyMs)), bareLineMs),
      compared('coldStart.firstTranscript', 'spawn to the first transcript; bare Fastify\'s first answer', 'ms',
        median(emulator.map(({ firstTranscriptMs }) => firstTranscriptMs)), bareAnswerMs)
    ],
    facts: { emulator, bare }
  }
}

async function untilReady (url: string): Promise<void> {
  const connection = new RawConnection(url)
  const ask = prepareRequest(Buffer.alloc(0), { method: 'GET', target: '/_emulator/ready' })
  while ((await connection.send(ask)).status !== 200) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  connection.close()
}
