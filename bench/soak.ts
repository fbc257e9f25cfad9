/** Case: does it grow? Every format, repeated and new sounds, refusals and broken uploads, all mixed. */
import { readdirSync } from 'node:fs'
import { createEncoder } from '../src/kit/encoder.ts'
import { readClips } from './clips.ts'
import { prepareRequest, RawConnection, type RawRequest } from './http-client.ts'
import type { CaseResult } from './report.ts'
import { childrenOf, KEYS, openFileCount, residentMib, startProcess } from './server-process.ts'
import { slope } from './statistics.ts'

const CONNECTION_COUNT = 4
const SAMPLE_COUNT = 80
/** The sound of a WAV ends with the file: its last samples make it another sound. */
const STAMP_BYTES = 4

interface Call {
  request: RawRequest
  status: number
  /** Each time another sound, so that neither decoding nor recognition can be saved. */
  isNewSound?: boolean
}

const COMPRESSED: readonly [muxer: string, parameters: string][] = [
  ['mp3', '-c:a libmp3lame -b:a 64k'], ['adts', '-c:a aac -b:a 64k'], ['ac3', '-c:a ac3 -b:a 96k -ar 32000'],
  ['ogg', '-c:a libvorbis -q:a 3'], ['flac', '-c:a flac']
]

/** What 20 calls in a row are: 5 % of them break off. */
async function mixture (): Promise<Call[]> {
  const [first, second] = await readClips()
  if (first === undefined || second === undefined) throw new Error('there are not enough clips')
  const encoder = createEncoder()
  const compressed: Buffer[] = []
  for (const [muxer, parameters] of COMPRESSED) {
    compressed.push(await encoder.encode({ input: first.wav, parameters: parameters.split(' '), muxer }))
  }
  await encoder.close()
  const call = (status: number, body: Buffer, options: Parameters<typeof prepareRequest>[1] = {}): Call =>
    ({ status, request: prepareRequest(body, { headers: KEYS, ...options }) })
  const tooLarge = Buffer.alloc(3_145_729)
  return [
    call(0, first.wav, { breaksOff: true }),
    ...[first, second, first].map(({ wav }) => ({ ...call(200, wav), isNewSound: true })),
    call(200, first.wav),
    call(200, second.wav),
    ...compressed.map((bytes) => call(200, bytes)),
    // Decoded anew each time: what cannot be decoded is not remembered.
    call(500, compressed[3]!.subarray(0, 200)),
    call(400, first.wav, { target: '/recog/v1/stt' }),
    call(401, first.wav, { headers: { ...KEYS, 'X-NCP-APIGW-API-KEY': 'wrong' } }),
    call(400, Buffer.alloc(0)),
    call(400, first.wav.subarray(0, 6000)),
    call(500, Buffer.from('this is no sound')),
    call(500, compressed[4]!.subarray(0, 40)),
    call(413, tooLarge),
    call(413, tooLarge, { framing: 'chunked' })
  ]
}

function requestOf ({ request, isNewSound }: Call, serial: number): RawRequest {
  if (!isNewSound) return request
  const body = Buffer.from(request.body)
  body.writeUInt32LE(serial, body.length - STAMP_BYTES)
  return { ...request, body }
}

export async function soak (_isQuick: boolean, callCount: number): Promise<CaseResult> {
  const calls = await mixture()
  const server = await startProcess('seeded')
  const samples: { x: number, y: number }[] = []
  let startedCount = 0
  let doneCount = 0

  async function work (): Promise<void> {
    const connection = new RawConnection(server.url)
    while (startedCount < callCount) {
      const serial = startedCount++
      const call = calls[serial % calls.length]!
      const { status, body } = await connection.send(requestOf(call, serial))
      if (status !== call.status) throw new Error(`${status} instead of ${call.status}: ${body.toString()}`)
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
    const before = await measure(server.pid)
    await Promise.all(Array.from({ length: CONNECTION_COUNT }, work))
    const after = await measure(server.pid)
    const growth = slope(samples.filter(({ x }) => x * 1000 >= callCount / 2))
    const temporaryFileCount = readdirSync(server.temporaryFolder).length
    return {
      rows: [
        { name: 'soak.before', meaning: 'resident memory of the server after a few calls of each kind', value: before.mib, unit: 'MiB' },
        { name: 'soak.after', meaning: `the same after ${callCount} mixed calls; before`, value: after.mib, unit: 'MiB', yardstick: before.mib, ratio: after.mib / before.mib },
        { name: 'soak.slope', meaning: 'growth per 1000 calls, second half; ratio: of the memory after', value: growth, unit: 'MiB', ratio: growth / after.mib },
        ...before.children === undefined || after.children === undefined
          ? []
          : [{ name: 'soak.children', meaning: 'resident memory of the decoder children after; before', value: after.children, unit: 'MiB', yardstick: before.children, ratio: after.children / before.children }],
        ...before.files === undefined || after.files === undefined
          ? []
          : [{ name: 'soak.openFiles', meaning: 'open file descriptors after; before', value: after.files, unit: '', yardstick: before.files, ratio: after.files / before.files }],
        { name: 'soak.temporaryFiles', meaning: 'files left in the temporary folder', value: temporaryFileCount, unit: '', ratio: temporaryFileCount }
      ],
      facts: { callCount, samples, before, after }
    }
  } finally {
    await server.stop()
  }
}

async function measure (pid: number) {
  return { mib: residentMib(pid), children: childrenMib(pid), files: await settledFileCount(pid) }
}

function childrenMib (pid: number): number | undefined {
  const children = childrenOf(pid)
  return children.length === 0 ? undefined : children.reduce((sum, child) => sum + residentMib(child), 0)
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
