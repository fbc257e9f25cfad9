/** Clients that leave, and clients that are too slow. */
import t from 'tap'
import { startServerProcess, type LogLine } from '../helpers/server-process.ts'
import { BAD_REQUEST, HELLO } from './support/answers.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav, longSpeechWav } from './support/sounds.ts'
import {
  chunkOf, expectAnswer, expectLastAnswer, head, HOST_LINE, rightCall, rightHead, roundTrips, STT_LINE, TYPE_LINE
} from './support/wire.ts'

const hello = helloWav()

t.test('a client that leaves in the middle of its upload', async (t) => {
  const { port, url, lines, waitForLine } = await startServerProcess(t, [], { shouldWaitUntilReady: true })
  const starts: readonly [name: string, framing: string[], body: Buffer][] = [
    ['declared', ['Content-Length: 50000'], hello.subarray(0, 20_000)],
    ['chunked', ['Transfer-Encoding: chunked'], chunkOf(hello)],
    ['waiting', ['Content-Length: 50000', 'Expect: 100-continue'], Buffer.alloc(0)]
  ]
  for (const [framingName, framing, body] of starts) {
    for (const leave of ['destroy', 'end'] as const) {
      const clientId = `${framingName}-${leave}`
      const connection = await connectTo(t, port)
      const headLines = [HOST_LINE, `X-NCP-APIGW-API-KEY-ID: ${clientId}`, 'X-NCP-APIGW-API-KEY: x', TYPE_LINE]
      await connection.write(Buffer.concat([Buffer.from(head(STT_LINE, ...headLines, ...framing)), body]))
      await roundTrips(url)
      connection[leave]()
      const line = await waitForLine((each) => each['clientId'] === clientId)
      t.match(line, { level: 30, path: '/recog/v1/stt', msg: /the client has gone/, status: undefined }, clientId)
    }
  }
  const connection = await connectTo(t, port)
  await connection.write(rightCall(hello))
  await expectAnswer(t, connection, HELLO, 'the next one is served')
  await waitForLine(({ status }) => status === 200)
  const calls = lines.filter((line) => line['clientId'] !== undefined)
  t.equal(calls.length, 7, 'one line for each call')
  t.strictSame(lines.filter(({ msg }) => msg.includes('not HTTP')), [], 'leaving is not a malformed request')
})

t.test('a client that leaves while its sound is recognised', async (t) => {
  const { port, url, lines, waitForLine } = await startServerProcess(t, ['--workers', '1'], { shouldWaitUntilReady: true })
  const isAboutLongSound = (line: LogLine) => Number(line['bodyBytes']) > 1_000_000
  const call = rightCall(longSpeechWav(24))
  // The end of the client's side counts too: nginx, which stands in front of the vendor's services, sees it that way.
  for (const leave of ['destroy', 'end'] as const) {
    const countBefore = lines.filter(isAboutLongSound).length
    const connection = await connectTo(t, port)
    await connection.write(call)
    // More turns of the event loop than the upload has pieces and the decoder slices; recognition takes far longer.
    await roundTrips(url, 60)
    connection[leave]()
    const line = await waitForLine((each) => lines.filter(isAboutLongSound).indexOf(each) === countBefore)
    t.match(line, { level: 30, msg: /the client has gone/, status: undefined, audio: { durationMs: Number } }, leave)
    t.match(line['stepMs'], { upload: Number, decode: Number }, 'it was decoded when the client left')
    if (leave === 'end') t.equal(await connection.readToEnd(), '', 'no answer')
  }

  // With one worker this answer shows that the recogniser was given back.
  const next = await connectTo(t, port)
  await next.write(rightCall(hello))
  await expectAnswer(t, next, HELLO, 'the next one is served')
  t.equal(lines.filter(isAboutLongSound).length, 2, 'each is logged once')
})

t.test('a request that does not come in time', async (t) => {
  const { port, waitForLine } = await startServerProcess(t, ['--request-timeout-ms', '1000'], {
    shouldWaitUntilReady: true
  })
  const starts: readonly [name: string, bytes: string][] = [
    ['half a request line', 'POST /recog'],
    ['half a head', `${STT_LINE}\r\nHost: local`],
    ['no body', rightHead('Content-Length: 50000')],
    ['half a body', `${rightHead('Content-Length: 50000')}RIFF`],
    ['half a chunk', `${rightHead('Transfer-Encoding: chunked')}10\r\nRIFF`]
  ]
  await Promise.all(starts.map(async ([name, bytes]) => {
    const connection = await connectTo(t, port)
    const startedMs = performance.now()
    await connection.write(bytes)
    await expectLastAnswer(t, connection, BAD_REQUEST, name)
    const elapsedMs = performance.now() - startedMs
    // Node looks at its connections once per period, hence up to twice the setting; the rest is for a busy machine.
    t.ok(elapsedMs >= 1000 && elapsedMs < 10_000, `${name}: after the time that was set`, { elapsedMs })
  }))
  t.match(await waitForLine(({ msg }) => msg.includes('400 100')), { hint: /in time/ }, 'the log says why')
})
