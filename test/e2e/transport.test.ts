/** Framing and connections, byte by byte: what HTTP allows a client to do, and what the vendor's samples do. */
import t from 'tap'
import { startServerProcess } from '../helpers/server-process.ts'
import {
  BAD_LANG, EMPTY_BODY, HELLO, LIGHT, NO_KEYS, NO_LANG, NOT_FOUND, TOO_LARGE, WRONG_TYPE
} from './support/answers.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav, lightWav, MAX_BODY_BYTES } from './support/sounds.ts'
import {
  chunkOf, expectAnswer, expectLastAnswer, head, HOST_LINE, KEY_LINES, rightCall, rightHead, roundTrips, STT_LINE,
  TYPE_LINE
} from './support/wire.ts'

const { port, url } = await startServerProcess(t, [], { shouldWaitUntilReady: true })
const light = lightWav()
const hello = helloWav()

t.test('takes a chunked body, whatever the sizes of the chunks', async (t) => {
  const connection = await connectTo(t, port)
  const sizes = [1, 2, 3, 7, 4093, 1, 65_537]
  const chunks: Buffer[] = []
  for (let start = 0, index = 0; start < light.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(chunkOf(light.subarray(start, start + size)))
    start += size
  }
  await connection.write(rightHead('Transfer-Encoding: chunked'))
  for (const chunk of chunks) await connection.write(chunk)
  await connection.write(chunkOf(Buffer.alloc(0)))
  await expectAnswer(t, connection, LIGHT, 'odd sizes', { isClosing: false })

  const extended = Buffer.concat([
    Buffer.from(`${light.length.toString(16).toUpperCase()};name=value\r\n`), light,
    Buffer.from('\r\n0\r\nX-Trailer: some\r\n\r\n')
  ])
  await connection.write(Buffer.concat([Buffer.from(rightHead('transfer-encoding: Chunked')), extended]))
  await expectAnswer(t, connection, LIGHT, 'a chunk extension and a trailer', { isClosing: false })

  await connection.write(`${rightHead('Transfer-Encoding: chunked')}0\r\n\r\n`)
  await expectAnswer(t, connection, EMPTY_BODY, 'a lone last chunk', { isClosing: false })
})

t.test('takes HTTP/1.0 with a length, and ends the connection', async (t) => {
  const connection = await connectTo(t, port)
  const lines = [...KEY_LINES, TYPE_LINE, `Content-Length: ${light.length}`]
  await connection.write(head('POST /recog/v1/stt?lang=Eng HTTP/1.0', ...lines))
  await connection.write(light)
  await expectLastAnswer(t, connection, LIGHT, 'HTTP/1.0')
})

t.test('keeps a connection through good and bad calls', async (t) => {
  const connection = await connectTo(t, port)
  const length = `Content-Length: ${hello.length}`
  const call = (requestLine: string, ...lines: string[]) =>
    Buffer.concat([Buffer.from(head(requestLine, HOST_LINE, ...lines, length)), hello])
  const right = call(STT_LINE, ...KEY_LINES, TYPE_LINE)
  const steps = [
    ['speech', right, HELLO],
    ['no keys', call(STT_LINE, TYPE_LINE), NO_KEYS],
    ['speech after 401', right, HELLO],
    ['unknown path', call('POST /recog/v2/stt HTTP/1.1', ...KEY_LINES, TYPE_LINE), NOT_FOUND],
    ['speech after 404', right, HELLO],
    ['wrong type', call(STT_LINE, ...KEY_LINES, 'Content-Type: audio/wav'), WRONG_TYPE],
    ['speech after 400', right, HELLO],
    ['malformed type', call(STT_LINE, ...KEY_LINES, 'Content-Type: sound'), WRONG_TYPE],
    ['no type', call(STT_LINE, ...KEY_LINES), WRONG_TYPE],
    ['neither length nor encoding', Buffer.from(rightHead()), EMPTY_BODY],
    ['the absolute form, as through a proxy',
      call('POST http://naveropenapi.apigw.ntruss.com/recog/v1/stt?lang=Eng HTTP/1.1', ...KEY_LINES, TYPE_LINE), HELLO],
    ['the absolute form without a path', call('POST http://localhost HTTP/1.1', ...KEY_LINES, TYPE_LINE), NOT_FOUND],
    ['speech at the end', right, HELLO]
  ] as const
  for (const [name, request, expected] of steps) {
    await connection.write(request)
    await expectAnswer(t, connection, expected, name, { isClosing: false })
  }
})

t.test('answers pipelined calls in their order', async (t) => {
  const connection = await connectTo(t, port)
  const noKeys = head(STT_LINE, HOST_LINE, TYPE_LINE, 'Content-Length: 0')
  await connection.write(Buffer.concat([rightCall(light), Buffer.from(noKeys), rightCall(hello), rightCall(light)]))
  await expectAnswer(t, connection, LIGHT, 'first')
  await expectAnswer(t, connection, NO_KEYS, 'second')
  await expectAnswer(t, connection, HELLO, 'third')
  await expectAnswer(t, connection, LIGHT, 'fourth')
})

t.test('says 100 Continue only when it wants the body', async (t) => {
  const refusals = [
    ['no keys', head(STT_LINE, HOST_LINE, TYPE_LINE, 'Content-Length: 9', 'Expect: 100-continue'), NO_KEYS],
    ['unknown path', head('POST /stt HTTP/1.1', HOST_LINE, 'Content-Length: 9', 'Expect: 100-continue'), NOT_FOUND],
    ['too large', rightHead(`Content-Length: ${MAX_BODY_BYTES + 1}`, 'Expect: 100-continue'), TOO_LARGE],
    ['chunked, no keys', head(STT_LINE, HOST_LINE, 'Transfer-Encoding: chunked', 'Expect: 100-continue'), NO_KEYS]
  ] as const
  for (const [name, request, expected] of refusals) {
    const connection = await connectTo(t, port)
    await connection.write(request)
    await expectLastAnswer(t, connection, expected, name)
  }

  const connection = await connectTo(t, port)
  for (const expectation of ['100-continue', '100-Continue']) {
    await connection.write(rightHead(`Content-Length: ${light.length}`, `Expect: ${expectation}`))
    const interim = await connection.readAnswer()
    t.strictSame(interim, { httpVersion: '1.1', status: 100, headers: [], body: '' }, `${expectation}: go on`)
    await connection.write(light)
    await expectAnswer(t, connection, LIGHT, `${expectation}: the answer`, { isClosing: false })
  }

  await connection.write(rightHead('Transfer-Encoding: chunked', 'Expect: 100-continue'))
  t.equal((await connection.readAnswer()).status, 100, 'chunked: go on')
  await connection.write(Buffer.concat([chunkOf(light), chunkOf(Buffer.alloc(0))]))
  await expectAnswer(t, connection, LIGHT, 'chunked: the answer')

  const wrongType = head(STT_LINE, HOST_LINE, ...KEY_LINES, `Content-Length: ${light.length}`, 'Expect: 100-continue')
  await connection.write(wrongType)
  t.equal((await connection.readAnswer()).status, 100, 'the service looks at the type when it has the body')
  await connection.write(light)
  await expectAnswer(t, connection, WRONG_TYPE, 'then it refuses')
})

t.test('ignores other expectations, and does not wait for a client that does not', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(rightCall(light, 'Expect: something-else'))
  await expectAnswer(t, connection, LIGHT, 'an unknown expectation')
  await connection.write(rightCall(light, 'Expect: 100-continue'))
  t.equal((await connection.readAnswer()).status, 100, 'the body is there, and it is still told to send it')
  await expectAnswer(t, connection, LIGHT, 'body sent at once')
})

t.test('takes header names in any case, unknown query parameters and an offer of HTTP/2', async (t) => {
  const connection = await connectTo(t, port)
  const length = `cOnTeNt-LeNgTh: ${hello.length}`
  const lowerCase = [...KEY_LINES, TYPE_LINE].map((line) => line.toLowerCase())
  const upperCase = [...KEY_LINES, TYPE_LINE].map((line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()))
  const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA']
  const post = (target: string, lines: string[]) => head(`POST ${target} HTTP/1.1`, HOST_LINE, ...lines, length)
  const right = [...KEY_LINES, TYPE_LINE]
  const steps = [
    ['lower case', post('/recog/v1/stt?lang=Eng', lowerCase), HELLO],
    ['upper case', post('/recog/v1/stt?lang=Eng', upperCase), HELLO],
    ['unknown parameters', post('/recog/v1/stt?format=wav&lang=Eng&x=%20&y', right), HELLO],
    ['lang twice: the first counts', post('/recog/v1/stt?lang=Eng&lang=xx', right), HELLO],
    ['lang twice: the first is unknown', post('/recog/v1/stt?lang=xx&lang=Eng', right), BAD_LANG],
    ['an empty lang', post('/recog/v1/stt?lang=', right), NO_LANG],
    ['lang in percent signs', post('/recog/v1/stt?l%61ng=%45ng', right), HELLO],
    ['a percent sign of nothing', post('/recog/v1/stt?lang=%', right), BAD_LANG],
    ['a whole URL', post('http://some.host/recog/v1/stt?lang=Eng', right), HELLO],
    ['type with parameters', post('/recog/v1/stt?lang=Eng',
      [...KEY_LINES, 'Content-Type: Application/Octet-Stream; charset=utf-8']), HELLO],
    ['an offer of HTTP/2', post('/recog/v1/stt?lang=Eng', [...right, ...offer]), HELLO],
    ['an offer of a web socket', post('/recog/v1/stt?lang=Eng',
      [...right, 'Connection: Upgrade', 'Upgrade: websocket']), HELLO]
  ] as const
  for (const [name, request, expected] of steps) {
    await connection.write(Buffer.concat([Buffer.from(request), hello]))
    await expectAnswer(t, connection, expected, name, { isClosing: false })
  }
})

t.test('waits for a sender that pauses between the bytes', async (t) => {
  const connection = await connectTo(t, port)
  const request = rightCall(hello)
  const headBytes = request.length - hello.length
  for (let offset = 0; offset < headBytes; offset++) {
    await connection.write(request.subarray(offset, offset + 1))
    // In the middle of a name, of a value, of the line ends: wherever, the server has had its turn with what there is.
    if (offset % 10 === 0) await roundTrips(url)
  }
  for (let offset = headBytes; offset < request.length; offset += 4001) {
    await connection.write(request.subarray(offset, offset + 4001))
    await roundTrips(url)
  }
  await expectAnswer(t, connection, HELLO, 'the answer', { isClosing: false })
})

t.test('does not keep a connection whose request it has not read', async (t) => {
  // A client that hears the answer early may drop the rest of its body (Java's HttpClient does) and put the next
  // request in its place. So either the answer comes after the body, or it says that the connection is over.
  const connection = await connectTo(t, port)
  await connection.write(head(STT_LINE, HOST_LINE, TYPE_LINE, 'Content-Length: 100000'))
  await connection.write(Buffer.alloc(30_000))
  await roundTrips(url, 5)
  const early = connection.unread()
  t.ok(early === '' || /\r\nconnection: close\r\n/i.test(early), 'no early answer, unless it closes', { early })
  connection.write(Buffer.alloc(70_000)).catch(() => {})
  await expectAnswer(t, connection, NO_KEYS, 'the answer')
})
