/** Case 4: does it grow? Transcripts, refusals, a file for the decoder child and broken uploads, all mixed. */
import { readClips, readCompressedWav } from './clips.ts'
import { prepareRequest, RawConnection, type RawRequest } from './http-client.ts'
import type { CaseResult } from './report.ts'
import { KEYS, openFileCount, residentMib, startProcess } from './server-process.ts'
import { slope } from './statistics.ts'

const CONNECTION_COUNT = 4
const SAMPLE_COUNT = 80

interface Call {
  request: RawRequest
  status: number
}

/** What 20 calls in a row are. */
async function mixture (): Promise<Call[]> {
  const clips = await readClips()
  const [first, second] = clips
  if (first === undefined || second === undefined) throw new Error('there are not enough clips')
  const call = (status: number, body: Buffer, options: Parameters<typeof prepareRequest>[1] = {}): Call =>
    ({ status, request: prepareRequest(body, { headers: KEYS, ...options }) })
  const noLang = call(400, first.wav, { target: '/recog/v1/stt' })
  const wrongKey = call(401, first.wav, { headers: { ...KEYS, 'X-NCP-APIGW-API-KEY': 'wrong' } })
  const transcripts = [first, second, first, second, first].map(({ wav }) => call(200, wav))
  const tooLarge = Buffer.alloc(3_145_729)
  return [
    ...transcripts,
    noLang, wrongKey, noLang, wrongKey, noLang, wrongKey, noLang, wrongKey,
    call(400, Buffer.alloc(0)),
    call(500, Buffer.from('this is no sound')),
    call(413, tooLarge),
    call(413, tooLarge, { framing: 'chunked' }),
    call(200, readCompressedWav()),
    call(0, first.wav, { breaksOff: true }),
    call(0, second.wav, { breaksOff: true })
  ]
}

export async function memory (_isQuick: boolean, callCount: number): Promise<CaseResult> {
  const calls = await mixture()
  const server = await startProcess('seeded')
  const samples: { x: number, y: number }[] = []
  let startedCount = 0
  let doneCount = 0

  async function work (): Promise<void> {
    const connection = new RawConnection(server.url)
    while (startedCount < callCount) {
      const { request, status: expectedStatus } = calls[startedCount++ % calls.length]!
      const { status, body } = await connection.send(request)
      if (status !== expectedStatus) throw new Error(`${status} instead of ${expectedStatus}: ${body.toString()}`)
      doneCount += 1
      if (doneCount % Math.ceil(callCount / SAMPLE_COUNT) === 0) {
        samples.push({ x: doneCount / 1000, y: residentMib(server.pid) })
      }
    }
    connection.close()
  }

  try {
    // Each connection makes one call of each kind first, so that all threads and decoder children are there.
    await Promise.all(Array.from({ length: CONNECTION_COUNT }, async () => {
      const connection = new RawConnection(server.url)
      for (const { request } of calls) await connection.send(request)
      connection.close()
    }))
    const beforeMib = residentMib(server.pid)
    const filesBefore = await settledFileCount(server.pid)
    await Promise.all(Array.from({ length: CONNECTION_COUNT }, work))
    const afterMib = residentMib(server.pid)
    const filesAfter = await settledFileCount(server.pid)
    const second = samples.filter(({ x }) => x * 1000 >= callCount / 2)
    const growth = slope(second)
    return {
      rows: [
        { name: 'memory.before', meaning: 'resident memory after a few calls of each kind', value: beforeMib, unit: 'MiB' },
        { name: 'memory.after', meaning: `resident memory after ${callCount} mixed calls; before`, value: afterMib, unit: 'MiB', yardstick: beforeMib, ratio: afterMib / beforeMib },
        { name: 'memory.slope', meaning: 'growth per 1000 calls, second half; ratio: of the memory after', value: growth, unit: 'MiB', ratio: growth / afterMib },
        ...filesBefore === undefined || filesAfter === undefined
          ? []
          : [{ name: 'memory.openFiles', meaning: 'open file descriptors after; before', value: filesAfter, unit: '', yardstick: filesBefore, ratio: filesAfter / filesBefore }]
      ],
      facts: { callCount, samples, filesBefore, filesAfter }
    }
  } finally {
    await server.stop()
  }
}

/** More than the 5 s for which the server listens to a client that it has refused (src/http/unread-body.ts). */
const SETTLE_LIMIT_MS = 7_000
const SETTLE_STEP_MS = 100

/** Waits until sockets that the client has closed are gone on the server's side too. @returns the least count seen */
async function settledFileCount (pid: number): Promise<number | undefined> {
  let least = openFileCount(pid)
  for (let waitedMs = 0; least !== undefined && waitedMs < SETTLE_LIMIT_MS; waitedMs += SETTLE_STEP_MS) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS))
    least = Math.min(least, openFileCount(pid) ?? least)
  }
  return least
}
