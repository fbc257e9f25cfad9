/** Case 3: refusals per second, against a bare Fastify route that reads the same body into a buffer. */
import { readClips } from './clips.ts'
import { measureRate, prepareRequest, type RawRequest } from './http-client.ts'
import { compared, type CaseResult } from './report.ts'
import { KEYS, startProcess } from './server-process.ts'
import { median } from './statistics.ts'

const WARM_UP_MS = 150
const MAX_BODY_BYTES = 3_145_728

interface Refusal {
  name: string
  meaning: string
  connectionCount: number
  request: RawRequest
  status: number
}

async function refusals (): Promise<Refusal[]> {
  const wav = (await readClips())[0]?.wav ?? Buffer.alloc(0)
  const tooLarge = Buffer.alloc(MAX_BODY_BYTES + 1)
  return [
    {
      name: 'wrongKey',
      meaning: `wrong key, ${wav.length} bytes`,
      connectionCount: 4,
      request: prepareRequest(wav, { headers: { ...KEYS, 'X-NCP-APIGW-API-KEY': 'wrong' } }),
      status: 401
    },
    {
      name: 'noLang',
      meaning: `no \`lang\`, ${wav.length} bytes`,
      connectionCount: 4,
      request: prepareRequest(wav, { headers: KEYS, target: '/recog/v1/stt' }),
      status: 400
    },
    {
      name: 'tooLargeDeclared',
      meaning: '3 MB + 1 byte, `Content-Length`',
      connectionCount: 2,
      request: prepareRequest(tooLarge, { headers: KEYS }),
      status: 413
    },
    {
      name: 'tooLargeExpect',
      meaning: '3 MB + 1 byte, `Expect: 100-continue`',
      connectionCount: 2,
      request: prepareRequest(tooLarge, { headers: KEYS, waitsForContinue: true }),
      status: 413
    },
    {
      name: 'tooLargeChunked',
      meaning: '3 MB + 1 byte, chunked',
      connectionCount: 2,
      request: prepareRequest(tooLarge, { headers: KEYS, framing: 'chunked' }),
      status: 413
    }
  ]
}

export async function rejections (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 2 : 5
  const windowMs = isQuick ? 400 : 800
  const emulator = await startProcess('seeded')
  const bare = await startProcess('bare')
  const rates = new Map<string, { emulator: number[], bare: number[] }>()
  const all = await refusals()

  function measure (url: string, { request, connectionCount }: Refusal, expectedStatus: number): Promise<number> {
    return measureRate({
      url,
      connectionCount,
      next: () => request,
      check (_request, { status }) {
        if (status !== expectedStatus) throw new Error(`the answer was ${status} and not ${expectedStatus}`)
      },
      warmUpMs: WARM_UP_MS,
      windowMs
    })
  }

  try {
    for (let round = 0; round < roundCount; round++) {
      for (const refusal of all) {
        const { emulator: ours, bare: theirs } = rates.get(refusal.name) ?? { emulator: [], bare: [] }
        theirs.push(await measure(bare.url, refusal, 200))
        ours.push(await measure(emulator.url, refusal, refusal.status))
        rates.set(refusal.name, { emulator: ours, bare: theirs })
      }
    }
  } finally {
    await Promise.all([emulator.stop(), bare.stop()])
  }

  return {
    rows: all.map(({ name, meaning }) => compared(
      `rejections.${name}`,
      `${meaning}; bare Fastify that reads the body`,
      '/s',
      median(rates.get(name)?.emulator ?? []),
      median(rates.get(name)?.bare ?? [])
    )),
    facts: Object.fromEntries(rates)
  }
}
