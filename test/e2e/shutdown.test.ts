/** How the process ends: calls are finished, nothing is left behind. */
import t from 'tap'
import { startServerProcess } from '../helpers/server-process.ts'
import { HELLO, type ExpectedAnswer } from './support/answers.ts'
import { canReadProcesses, isAlive, processTree } from './support/process-tree.ts'
import { connectTo } from './support/raw-connection.ts'
import { longSpeechWav, mulawWav } from './support/sounds.ts'
import { checkAnswer, expectAnswer, rightCall, rightHead, roundTrips } from './support/wire.ts'

t.test('finishes the calls that it has, running and queued, and takes no new one', async (t) => {
  // Without memory, or the sound would be recognised once for all the calls that send it.
  const server = await startServerProcess(t, [
    '--workers', '1', '--shutdown-timeout-ms', '60000', '--cache-bytes', '0'
  ], { shouldWaitUntilReady: true })
  // Just under the limit of 60 s: the recogniser needs most of a second for each.
  const call = rightCall(longSpeechWav(24))
  const first = await connectTo(t, server.port)
  await first.write(call)
  const { status, body } = await first.readAnswer()
  t.match(body, /^\{"text":"turn off the light please turn off/, 'what the sound says')
  const expected: ExpectedAnswer = { status, body }

  const connections = await Promise.all(Array.from({ length: 4 }, () => connectTo(t, server.port)))
  await Promise.all(connections.map((each) => each.write(call)))
  // The uploads are 1.9 MB each: enough turns of the event loop for all of them to be read.
  await roundTrips(server.url, 40)
  t.strictSame(connections.filter((each) => each.unread() !== ''), [], 'none is answered yet')
  const idle = await connectTo(t, server.port)

  const exited = server.stop('SIGTERM')
  t.equal(await idle.readToEnd(), '', 'an idle connection is ended at once')
  await t.rejects(connectTo(t, server.port), { code: 'ECONNREFUSED' }, 'nobody listens any more')
  for (const connection of connections) {
    const answer = await connection.readAnswer()
    checkAnswer(t, answer, expected, 'a call under way', { isClosing: true })
  }
  t.strictSame(await exited, { code: 0, signal: null })
})

t.test('cuts off what takes longer than the limit, and still ends well', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = await startServerProcess(t, ['--shutdown-timeout-ms', '1'], { shouldWaitUntilReady: true })
    const hanging = await connectTo(t, server.port)
    await hanging.write(rightHead('Content-Length: 50000'))
    const half = await connectTo(t, server.port)
    await half.write('POST /recog/v1/stt HTTP/1.1\r\nHost: lo')
    await roundTrips(server.url, 2)
    t.strictSame(await server.stop(signal), { code: 0, signal: null }, signal)
  }
})

t.test('ends while models are still loading', async (t) => {
  const server = await startServerProcess(t)
  t.strictSame(await server.stop(), { code: 0, signal: null })
})

t.test('leaves no process behind', {
  skip: !canReadProcesses && 'only Linux lists processes in /proc'
}, async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const server = await startServerProcess(t, [], { shouldWaitUntilReady: true })
    const connection = await connectTo(t, server.port)
    await connection.write(rightCall(mulawWav()))
    await expectAnswer(t, connection, HELLO, 'a sound that needs the decoder')
    const tree = processTree(server.pid)
    t.ok(tree.length > 1, 'there are children', { tree })
    await server.stop(signal)
    t.strictSame(tree.filter(isAlive), [], `none is left after ${signal}`)
  }
})
