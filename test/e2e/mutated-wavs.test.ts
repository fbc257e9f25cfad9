/** Two thousand damaged WAV files through the running server: it answers each, and stays as it was. */
import { readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { startServerProcess } from '../helpers/server-process.ts'
import { EMPTY_BODY, LIGHT, NOT_DECODED, TOO_LONG, TOO_SHORT, type ExpectedAnswer } from './support/answers.ts'
import { mutatedWavs } from './support/mutations.ts'
import { canReadProcesses, processTree, residentBytes } from './support/process-tree.ts'
import { lightWav } from './support/sounds.ts'

t.setTimeout(400_000)

const WAV_COUNT = 2000
const WARM_UP_COUNT = 200
const CONNECTION_COUNT = 4
const SEED = 20_260_115
const MAX_ANSWER_MS = 5000
/**
 * How much more the process and its children may take after the last file than after the first 200. A decoder child
 * is replaced when it passes 400 MiB, and there are two; the rest is room for what garbage collectors put off.
 */
const MAX_GROWTH_BYTES = 500 * 1024 * 1024
/** The same for the server without its children, which nothing ever replaces. */
const MAX_SERVER_GROWTH_BYTES = 100 * 1024 * 1024

const REFUSALS: readonly ExpectedAnswer[] = [NOT_DECODED, TOO_SHORT, TOO_LONG, EMPTY_BODY]
/** A tone is no speech, but the recogniser may well hear words in noise. */
const TRANSCRIPT = /^\{"text":"[a-z' ]*"\}$/

function isAllowed ({ status, body }: ExpectedAnswer): boolean {
  return status === 200
    ? TRANSCRIPT.test(body)
    : REFUSALS.some((each) => each.status === status && each.body === body)
}

t.test('answers every damaged file in time', async (t) => {
  const temporary = t.testdir()
  const server = await startServerProcess(t, [], {
    shouldWaitUntilReady: true,
    env: { TMPDIR: temporary },
    // libvosk has its own words for strange sounds, on standard error; error lines of ours are looked for below.
    mayComplain: true
  })
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTION_COUNT })
  t.teardown(() => { agent.destroy() })

  function send (body: Buffer): Promise<ExpectedAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${server.url}/recog/v1/stt?lang=Eng`, {
        method: 'POST',
        agent,
        headers: {
          'x-ncp-apigw-api-key-id': 'id',
          'x-ncp-apigw-api-key': 'secret',
          'content-type': 'application/octet-stream',
          'content-length': body.length
        }
      }, (answer) => {
        buffer(answer).then((bytes) => { resolve({ status: answer.statusCode ?? 0, body: bytes.toString() }) }, reject)
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  const wrong: unknown[] = []
  const counts: Record<string, number> = {}
  let slowestMs = 0
  /** Each of the senders takes the next file when it has its answer. */
  async function sendAll (wavs: readonly Buffer[], firstIndex: number): Promise<void> {
    const entries = wavs.entries()
    await Promise.all(Array.from({ length: CONNECTION_COUNT }, async () => {
      for (const [index, wav] of entries) {
        const startedMs = performance.now()
        const answer = await send(wav)
        slowestMs = Math.max(slowestMs, performance.now() - startedMs)
        const code = /STT\d+/.exec(answer.body)?.[0] ?? 'text'
        counts[code] = (counts[code] ?? 0) + 1
        // The seed and the number are enough to make the file again.
        if (!isAllowed(answer)) wrong.push({ seed: SEED, index: firstIndex + index, answer })
      }
    }))
  }
  const memory = () => ({
    serverBytes: residentBytes([server.pid]),
    treeBytes: residentBytes(processTree(server.pid))
  })

  const wavs = mutatedWavs(WAV_COUNT, SEED)
  await sendAll(wavs.slice(0, WARM_UP_COUNT), 0)
  const before = canReadProcesses ? memory() : undefined
  await sendAll(wavs.slice(WARM_UP_COUNT), WARM_UP_COUNT)
  const after = canReadProcesses ? memory() : undefined

  t.comment({ counts, slowestMs: Math.round(slowestMs), before, after })
  t.strictSame(wrong, [], 'every answer is one of the few that there are, to the byte')
  t.ok(slowestMs <= MAX_ANSWER_MS, 'none took too long', { slowestMs })
  t.ok((counts['text'] ?? 0) > 100 && (counts['STT006'] ?? 0) > 100, 'both ways were taken', { counts })
  if (before !== undefined && after !== undefined) {
    t.ok(after.serverBytes - before.serverBytes < MAX_SERVER_GROWTH_BYTES, 'the server has not grown', { before, after })
    t.ok(after.treeBytes - before.treeBytes < MAX_GROWTH_BYTES, 'nor have its children', { before, after })
  }
  t.strictSame(await send(lightWav()), LIGHT, 'and it still understands')
  t.strictSame(await server.stop(), { code: 0, signal: null }, 'it ends as it should')
  t.equal(server.lines.filter(({ path }) => path === '/recog/v1/stt').length, WAV_COUNT + 1, 'each call is logged once')
  t.strictSame(server.lines.filter(({ level }) => level >= 50), [], 'none of them was a defect')
  t.strictSame(readdirSync(temporary), [], 'no temporary file is left')
})
