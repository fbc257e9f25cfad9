/** What is no call at all: bytes that are not HTTP, wrong paths and methods. All of it answers in the vendor's form. */
import t from 'tap'
import { startServerProcess } from '../helpers/server-process.ts'
import { BAD_REQUEST, HELLO, NO_KEYS, NOT_FOUND, WRONG_TYPE } from './support/answers.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav } from './support/sounds.ts'
import {
  chunkOf, expectAnswer, expectLastAnswer, head, HOST_LINE, KEY_LINES, rightCall, rightHead, roundTrips, STT_LINE,
  TYPE_LINE
} from './support/wire.ts'

const server = await startServerProcess(t, [], { shouldWaitUntilReady: true })
const { port, url } = server
const hello = helloWav()
const chunked = rightHead('Transfer-Encoding: chunked')

const NOT_HTTP: readonly [name: string, bytes: string][] = [
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['the first bytes of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an unknown method', head('RECOGNIZE /recog/v1/stt HTTP/1.1', HOST_LINE)],
  ['an unknown version', head('POST /recog/v1/stt HTTP/9.9', HOST_LINE)],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a blank in the path', head('POST /recog/v1/stt ?lang=Eng HTTP/1.1', HOST_LINE)],
  ['a header without a colon', head(STT_LINE, HOST_LINE, 'no colon')],
  ['a blank in a header name', head(STT_LINE, HOST_LINE, 'a name: value')],
  ['a control character in a value', head(STT_LINE, HOST_LINE, 'name: a\x01b')],
  ['a length that is no number', rightHead('Content-Length: many')],
  ['a negative length', rightHead('Content-Length: -1')],
  ['two lengths', rightHead('Content-Length: 1', 'Content-Length: 2')],
  ['a length and chunked', rightHead('Content-Length: 1', 'Transfer-Encoding: chunked')],
  ['headers of more than 16 KiB', rightHead(`X-Long: ${'x'.repeat(20_000)}`)],
  ['headers without end', `${STT_LINE}\r\n${HOST_LINE}\r\n${'X-More: yes\r\n'.repeat(20_000)}`],
  ['a chunk size that is no number', `${chunked}many\r\n`],
  ['a chunk longer than its size', `${chunked}3\r\nabcdef\r\n0\r\n\r\n`],
  ['a bad chunk in front of 3 MB', `${chunked}x\r\n${'x'.repeat(3_000_000)}`]
]

for (const [name, bytes] of NOT_HTTP) {
  t.test(`answers ${name} and closes`, async (t) => {
    const connection = await connectTo(t, port)
    // It may be refused before all of it is written.
    connection.write(Buffer.from(bytes, 'latin1')).catch(() => {})
    await expectLastAnswer(t, connection, BAD_REQUEST, name)
  })
}

t.test('answers after a good call on the same connection', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(rightCall(hello))
  await expectAnswer(t, connection, HELLO, 'the good call')
  await connection.write('hello\r\n\r\n')
  await expectLastAnswer(t, connection, BAD_REQUEST, 'what is no call')
})

t.test('answers calls in their order when the one behind is no HTTP', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(Buffer.concat([rightCall(hello), Buffer.from('hello\r\n\r\n')]))
  await expectAnswer(t, connection, HELLO, 'the good call')
  await expectLastAnswer(t, connection, BAD_REQUEST, 'what is no call')
})

t.test('never answers twice: a bad chunk after an early refusal', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(head(STT_LINE, HOST_LINE, TYPE_LINE, 'Transfer-Encoding: chunked'))
  await connection.write(chunkOf(Buffer.alloc(1000)))
  await roundTrips(url)
  connection.write('many\r\nxx\r\n\r\n').catch(() => {})
  await expectLastAnswer(t, connection, NO_KEYS, 'the refusal')
})

t.test('an HTTP/1.1 request without Host is a bad request', async (t) => {
  const connection = await connectTo(t, port)
  const lines = [...KEY_LINES, TYPE_LINE, `Content-Length: ${hello.length}`]
  await connection.write(Buffer.concat([Buffer.from(head(STT_LINE, ...lines)), hello]))
  await expectAnswer(t, connection, BAD_REQUEST, 'no Host')
})

const NO_ROUTE: readonly [requestLine: string, hasBody?: boolean][] = [
  ['GET /recog/v1/stt?lang=Eng HTTP/1.1'],
  ['HEAD /recog/v1/stt?lang=Eng HTTP/1.1', false],
  ['PUT /recog/v1/stt?lang=Eng HTTP/1.1'],
  ['DELETE /recog/v1/stt HTTP/1.1'],
  ['PATCH /recog/v1/stt HTTP/1.1'],
  ['OPTIONS /recog/v1/stt HTTP/1.1'],
  ['OPTIONS * HTTP/1.1'],
  ['TRACE /recog/v1/stt HTTP/1.1'],
  ['PROPFIND /recog/v1/stt HTTP/1.1'],
  ['SEARCH /recog/v1/stt HTTP/1.1'],
  ['M-SEARCH * HTTP/1.1'],
  ['QUERY /recog/v1/stt HTTP/1.1'],
  ['POST / HTTP/1.1'],
  ['POST /recog/v1 HTTP/1.1'],
  ['POST /recog/v1/stt/?lang=Eng HTTP/1.1'],
  ['POST /recog/v1/STT?lang=Eng HTTP/1.1'],
  ['POST //recog/v1/stt?lang=Eng HTTP/1.1'],
  ['POST /recog/v1/stt;lang=Eng HTTP/1.1'],
  ['POST /recog/v1/../v1/stt HTTP/1.1'],
  ['GET /_emulator2 HTTP/1.1']
]

t.test('no such path or method', async (t) => {
  const connection = await connectTo(t, port)
  for (const [requestLine, hasBody = true] of NO_ROUTE) {
    await connection.write(head(requestLine, HOST_LINE, ...KEY_LINES, TYPE_LINE))
    await expectAnswer(t, connection, NOT_FOUND, requestLine, { hasBody, isClosing: false })
  }
})

t.test('CONNECT opens no tunnel', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(head('CONNECT some.host:443 HTTP/1.1', 'Host: some.host:443'))
  await expectLastAnswer(t, connection, NOT_FOUND, 'CONNECT')
})

t.test('a path that cannot be decoded is a bad request', async (t) => {
  for (const path of ['/recog/v1/stt%', '/%E0%A4%A', '/recog/v1/%zz?lang=Eng']) {
    const connection = await connectTo(t, port)
    await connection.write(head(`POST ${path} HTTP/1.1`, HOST_LINE, ...KEY_LINES, TYPE_LINE, 'Content-Length: 0'))
    await expectAnswer(t, connection, BAD_REQUEST, path)
  }
})

t.test('a content type of strange form is the service\'s business', async (t) => {
  const connection = await connectTo(t, port)
  for (const type of ['', ';', '/', 'application', 'multipart/form-data; boundary=x', 'a/b/c', '\xff/\xff']) {
    const lines = [...KEY_LINES, `Content-Type: ${type}`, `Content-Length: ${hello.length}`]
    await connection.write(Buffer.concat([Buffer.from(head(STT_LINE, HOST_LINE, ...lines), 'latin1'), hello]))
    await expectAnswer(t, connection, WRONG_TYPE, JSON.stringify(type))
  }
})

t.test('goes on as if nothing had been', async (t) => {
  const connection = await connectTo(t, port)
  await connection.write(rightCall(hello))
  await expectAnswer(t, connection, HELLO, 'a good call')
})
