/** Case: a sound that was sent before, against a bare Fastify route that reads and hashes the same body. */
import { readFileSync } from 'node:fs'
import { measureRate, prepareRequest, type RawAnswer } from './http-client.ts'
import { compared, type CaseResult } from './report.ts'
import { KEYS, startProcess } from './server-process.ts'
import { median } from './statistics.ts'
import { repeatedWav } from './clips.ts'

const CONNECTION_COUNT = 2
const WARM_UP_MS = 200

interface Size {
  name: string
  meaning: string
  body: Buffer
}

function sizes (): Size[] {
  const hello = readFileSync(new URL('../test/fixtures/speech/hello-16k.wav', import.meta.url))
  return [
    { name: '32k', meaning: 'a sound sent before, 32 KB (1 s)', body: repeatedWav(hello, 1) },
    { name: '1920k', meaning: 'a sound sent before, 1.92 MB (60 s)', body: repeatedWav(hello, 60) }
  ]
}

export async function cache (isQuick: boolean): Promise<CaseResult> {
  const roundCount = isQuick ? 3 : 9
  const windowMs = isQuick ? 500 : 1_000
  const emulator = await startProcess('emulator')
  const bare = await startProcess('bare')
  const measured = sizes().map((size) => ({ ...size, emulator: [] as number[], bare: [] as number[] }))

  function measure (url: string, body: Buffer, target: string, check: (answer: RawAnswer) => void): Promise<number> {
    const request = prepareRequest(body, { headers: KEYS, target })
    return measureRate({
      url,
      connectionCount: CONNECTION_COUNT,
      next: () => request,
      check: (_request, answer) => { check(answer) },
      warmUpMs: WARM_UP_MS,
      windowMs
    })
  }
  function checkStatus ({ status, body }: RawAnswer): void {
    if (status !== 200) throw new Error(`${status} ${body.toString()}`)
  }

  try {
    for (let round = 0; round < roundCount; round++) {
      for (const size of measured) {
        size.bare.push(await measure(bare.url, size.body, '/hash', checkStatus))
        size.emulator.push(await measure(emulator.url, size.body, '/recog/v1/stt?lang=Eng', checkStatus))
      }
    }
  } finally {
    await Promise.all([emulator.stop(), bare.stop()])
  }
  return {
    rows: measured.map(({ name, meaning, emulator, bare }) => ({
      ...compared(`cache.${name}`, `${meaning}; bare Fastify that reads and hashes the body`, '/s', median(emulator), median(bare)),
      // Windows that follow each other have met the same neighbours on the machine.
      ratio: median(emulator.map((rate, round) => rate / (bare[round] ?? NaN)))
    })),
    facts: Object.fromEntries(measured.map(({ name, emulator, bare }) => [name, { emulator, bare }]))
  }
}
