/** Case 2: transcripts per second through HTTP, against libvosk alone on the same clips. */
import { availableParallelism } from 'node:os'
import { openEngine, startBareLoop } from './bare-loop.ts'
import { readClips } from './clips.ts'
import { measureRate, prepareRequest, type RawAnswer, type RawRequest } from './http-client.ts'
import { compared, type CaseResult } from './report.ts'
import { KEYS, startProcess, threadCpuMs, type ServerProcess } from './server-process.ts'
import { median } from './statistics.ts'

const CONNECTION_COUNTS = [1, 2, 4, 8]
const WARM_UP_MS = 200

/** One window of the bare loop and the window through HTTP right after it. */
interface Pair {
  bareRate: number
  httpRate: number
  /** Processor time for one sound, in milliseconds: does not depend on who else uses the machine. */
  bareCpuMs: number
  serverCpuMs: number
  serverMainThreadCpuMs: number
  clientCpuMs: number
  /** Cores that the server kept busy, without the client. */
  serverCores: number
}

interface Cpu {
  atMs: number
  serverMs: number
  serverMainThreadMs: number
  clientMs: number
}

export async function throughput (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 3 : 9
  const windowMs = isQuick ? 800 : 1_500
  const clips = await readClips()
  const expected = new Map(clips.map(({ wav, expectedBody }) =>
    [prepareRequest(wav, { headers: KEYS }), expectedBody] as const))
  const requests = [...expected.keys()]
  const engine = openEngine()
  const loop = startBareLoop(engine, availableParallelism(), clips.map(({ samples }) => samples))
  const server = await startProcess('forgetful')

  function check (request: RawRequest, { status, body }: RawAnswer): void {
    if (expected.get(request)?.equals(body)) return
    throw new Error(`not the words of the clip: ${status} ${body.toString()}`)
  }

  async function measurePair (connectionCount: number): Promise<Pair> {
    const bareBefore = process.cpuUsage()
    const startMs = performance.now()
    const bareRate = await loop.run(windowMs)
    const bareSeconds = (performance.now() - startMs) / 1000
    const { user, system } = process.cpuUsage(bareBefore)

    let index = 0
    const edges: Cpu[] = []
    const httpRate = await measureRate({
      url: server.url,
      connectionCount,
      next: () => requests[index++ % requests.length]!,
      check,
      warmUpMs: WARM_UP_MS,
      windowMs,
      onEdge: () => { edges.push(cpuNow(server)) }
    })
    const [from, to] = edges
    if (from === undefined || to === undefined) throw new Error('the window did not open')
    const httpSounds = httpRate * (to.atMs - from.atMs) / 1000
    return {
      bareRate,
      httpRate,
      bareCpuMs: (user + system) / 1000 / (bareRate * bareSeconds),
      serverCpuMs: (to.serverMs - from.serverMs) / httpSounds,
      serverMainThreadCpuMs: (to.serverMainThreadMs - from.serverMainThreadMs) / httpSounds,
      clientCpuMs: (to.clientMs - from.clientMs) / httpSounds,
      serverCores: (to.serverMs - from.serverMs) / (to.atMs - from.atMs)
    }
  }

  const pairs = new Map(CONNECTION_COUNTS.map((count): [number, Pair[]] => [count, []]))
  try {
    await loop.run(WARM_UP_MS)
    for (let round = 0; round < roundCount; round++) {
      for (const [count, measured] of pairs) measured.push(await measurePair(count))
    }
  } finally {
    await Promise.all([loop.close(), server.stop()])
    engine.libvosk.freeModel(engine.model)
  }
  return { rows: rowsOf(pairs), facts: Object.fromEntries(pairs) }
}

function rowsOf (pairs: ReadonlyMap<number, readonly Pair[]>): CaseResult['rows'] {
  const of = (count: number, pick: (pair: Pair) => number) => median((pairs.get(count) ?? []).map(pick))
  const busiest = Math.max(...pairs.keys())
  return [
    ...[...pairs.keys()].map((count) => ({
      ...compared(
        `throughput.http${count}`,
        `transcripts through HTTP, connections: ${count}; libvosk alone in ${availableParallelism()} threads`,
        '/s',
        of(count, ({ httpRate }) => httpRate),
        of(count, ({ bareRate }) => bareRate)
      ),
      // The two windows of a pair follow each other, so both have met the same neighbours on the machine.
      ratio: of(count, ({ httpRate, bareRate }) => httpRate / bareRate)
    })),
    compared('throughput.cpu', `processor time for a transcript, connections: ${busiest}; libvosk alone`, 'ms',
      of(busiest, ({ serverCpuMs }) => serverCpuMs), of(busiest, ({ bareCpuMs }) => bareCpuMs)),
    {
      name: 'throughput.mainThread',
      meaning: 'of it on the server\'s main thread',
      value: of(busiest, ({ serverMainThreadCpuMs }) => serverMainThreadCpuMs),
      unit: 'ms'
    },
    {
      name: 'throughput.client',
      meaning: 'on top of it, in the client that shares the cores',
      value: of(busiest, ({ clientCpuMs }) => clientCpuMs),
      unit: 'ms'
    },
    {
      name: 'throughput.cores',
      meaning: `cores that the server kept busy, connections: ${busiest}`,
      value: of(busiest, ({ serverCores }) => serverCores),
      unit: ''
    }
  ]
}

function cpuNow ({ pid }: ServerProcess): Cpu {
  const threads = threadCpuMs(pid)
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    serverMs: [...threads.values()].reduce((sum, ms) => sum + ms, 0),
    serverMainThreadMs: threads.get(pid) ?? NaN,
    clientMs: (user + system) / 1000
  }
}
