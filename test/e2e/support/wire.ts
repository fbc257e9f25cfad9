/** Requests as text, and what every answer must look like on the wire. */
import type { Test } from 'tap'
import type { ExpectedAnswer } from './answers.ts'
import type { RawConnection, WireAnswer } from './raw-connection.ts'

export const KEY_LINES = ['X-NCP-APIGW-API-KEY-ID: some-id', 'X-NCP-APIGW-API-KEY: some-secret']
export const TYPE_LINE = 'Content-Type: application/octet-stream'
export const HOST_LINE = 'Host: localhost'
export const STT_LINE = 'POST /recog/v1/stt?lang=Eng HTTP/1.1'

/** The head of a request; the lines of a right call unless others are given. */
export function head (requestLine: string, ...headerLines: string[]): string {
  return [requestLine, ...headerLines, '', ''].join('\r\n')
}

/** The head of a right call, with more lines (a length, an expectation). */
export function rightHead (...headerLines: string[]): string {
  return head(STT_LINE, HOST_LINE, ...KEY_LINES, TYPE_LINE, ...headerLines)
}

/** A whole right call, framed by its length. */
export function rightCall (body: Buffer, ...headerLines: string[]): Buffer {
  return Buffer.concat([Buffer.from(rightHead(...headerLines, `Content-Length: ${body.length}`)), body])
}

/** One chunk of a chunked body; an empty one ends it. */
export function chunkOf (body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
}

const FORBIDDEN_HEADERS = [
  /^access-control-/, /^www-authenticate$/, /^x-ratelimit-/, /^ratelimit/, /^retry-after$/, /^content-encoding$/,
  /^vary$/, /^x-powered-by$/, /^server$/
]

interface Expectations {
  /** Whether the connection must be announced as closing, or must not; not looked at when absent. */
  isClosing?: boolean
  /** False for the answer to a HEAD: the length is announced, the body is not there. */
  hasBody?: boolean
}

/** Checks one answer whole: status, bytes, and every rule about its headers. */
export function checkAnswer (
  t: Test, answer: WireAnswer, expected: ExpectedAnswer, name: string, { isClosing, hasBody = true }: Expectations = {}
): void {
  const valuesOf = (header: string) => answer.headers.filter(([each]) => each === header).map(([, value]) => value)
  t.strictSame({
    httpVersion: answer.httpVersion,
    status: answer.status,
    body: answer.body,
    contentType: valuesOf('content-type'),
    contentLength: valuesOf('content-length'),
    transferEncoding: valuesOf('transfer-encoding'),
    traceIdCount: valuesOf('x-ncp-trace-id').filter((value) => /^[0-9a-z]{26}$/.test(value)).length,
    traceHeaderCount: valuesOf('x-ncp-trace-id').length,
    forbidden: answer.headers.filter(([each]) => FORBIDDEN_HEADERS.some((pattern) => pattern.test(each))),
    ...isClosing !== undefined && { isClosing: valuesOf('connection').join().toLowerCase().includes('close') }
  }, {
    httpVersion: '1.1',
    status: expected.status,
    body: hasBody ? expected.body : '',
    contentType: ['application/json;charset=UTF-8'],
    contentLength: [String(Buffer.byteLength(expected.body))],
    transferEncoding: [],
    traceIdCount: 1,
    traceHeaderCount: 1,
    forbidden: [],
    ...isClosing !== undefined && { isClosing }
  }, name)
}

/** Reads the next answer and checks it. */
export async function expectAnswer (
  t: Test, connection: RawConnection, expected: ExpectedAnswer, name: string, expectations: Expectations = {}
): Promise<WireAnswer> {
  const answer = await connection.readAnswer(expectations)
  checkAnswer(t, answer, expected, name, expectations)
  return answer
}

/** Reads the answer, which must be the last bytes of the connection. */
export async function expectLastAnswer (
  t: Test, connection: RawConnection, expected: ExpectedAnswer, name: string, expectations: Expectations = {}
): Promise<void> {
  await expectAnswer(t, connection, expected, name, { isClosing: true, ...expectations })
  t.equal(await connection.readToEnd(), '', `${name}: nothing after it, and the server has ended`)
}

/**
 * A round trip on a connection of its own, so the server has been through its event loop. Instead of a pause: what was
 * written before has been looked at by now, or will be treated no differently later.
 */
export async function roundTrips (url: string, count = 1): Promise<void> {
  for (let index = 0; index < count; index++) {
    const answer = await fetch(`${url}/_emulator/health`)
    await answer.arrayBuffer()
  }
}
