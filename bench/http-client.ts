/**
 * A client that costs next to nothing: it shares the cores with the server that it measures. Requests are buffers made
 * beforehand; of an answer it looks for the status, the length and the end, and nothing more.
 */
import { connect, type Socket } from 'node:net'

export interface RawRequest {
  head: Buffer
  body: Buffer
  /** Sends the body only after the server has said `100 Continue`. */
  waitsForContinue: boolean
  /** Breaks the connection off in the middle of the body, and gets no answer. */
  breaksOff: boolean
}

export interface RawAnswer {
  /** 0 when the request broke off. */
  status: number
  body: Buffer
}

export interface RequestOptions {
  method?: string
  target?: string
  headers?: Readonly<Record<string, string>>
  framing?: 'content-length' | 'chunked'
  waitsForContinue?: boolean
  breaksOff?: boolean
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const CHUNK_BYTES = 65_536

/** Writes a request down once; it may then be sent any number of times. */
export function prepareRequest (body: Buffer, options: RequestOptions = {}): RawRequest {
  const { framing, waitsForContinue = false, breaksOff = false } = options
  return { head: headOf(body, options), body: framing === 'chunked' ? inChunks(body) : body, waitsForContinue, breaksOff }
}

function headOf (body: Buffer, options: RequestOptions): Buffer {
  const { method = 'POST', target = '/recog/v1/stt?lang=Eng', headers = {}, framing, waitsForContinue } = options
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/octet-stream',
    framing === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`,
    ...waitsForContinue ? ['Expect: 100-continue'] : [],
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

function inChunks (body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let start = 0; start < body.length; start += CHUNK_BYTES) {
    const piece = body.subarray(start, start + CHUNK_BYTES)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** One connection, one request at a time; it connects anew when the server has closed it. */
export class RawConnection {
  readonly #port: number
  #socket: Socket | undefined
  #received: Buffer = Buffer.alloc(0)
  #request: RawRequest | undefined
  #resolve: (answer: RawAnswer) => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor (url: string) {
    this.#port = Number(new URL(url).port)
  }

  /** @throws when the connection breaks before the whole answer has come */
  send (request: RawRequest): Promise<RawAnswer> {
    const socket = this.#socket ??= this.#open()
    this.#request = request
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (request.breaksOff) this.#breakOff(socket, request)
      else if (request.waitsForContinue) socket.write(request.head)
      else this.#write(socket, request)
    })
  }

  close (): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open (): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#received = Buffer.alloc(0)
    socket.on('data', (chunk) => { if (socket === this.#socket) this.#read(socket, chunk) })
    socket.on('error', (error) => { this.#lose(socket, error) })
    socket.on('close', () => { this.#lose(socket, new Error('the server closed the connection without an answer')) })
    return socket
  }

  #write (socket: Socket, { head, body }: RawRequest): void {
    socket.cork()
    socket.write(head)
    socket.write(body)
    socket.uncork()
  }

  #breakOff (socket: Socket, { head, body }: RawRequest): void {
    socket.write(head)
    socket.write(body.subarray(0, body.length / 2), () => {
      this.close()
      this.#settle({ status: 0, body: Buffer.alloc(0) })
    })
  }

  #read (socket: Socket, chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headEnd = this.#received.indexOf(END_OF_HEAD)
    if (headEnd < 0) return
    const head = this.#received.toString('latin1', 0, headEnd).toLowerCase()
    const status = Number(head.slice(9, 12))
    const bodyStart = headEnd + END_OF_HEAD.length
    if (status === 100) {
      this.#received = Buffer.alloc(0)
      if (this.#request?.waitsForContinue) socket.write(this.#request.body)
      return
    }
    const lengthAt = head.indexOf('\r\ncontent-length:')
    const bodyEnd = bodyStart + (lengthAt < 0 ? 0 : parseInt(head.slice(lengthAt + 17), 10))
    if (this.#received.length < bodyEnd) return
    const body = this.#received.subarray(bodyStart, bodyEnd)
    this.#received = Buffer.alloc(0)
    if (head.includes('\r\nconnection: close')) this.close()
    this.#settle({ status, body })
  }

  #settle (answer: RawAnswer): void {
    this.#request = undefined
    this.#resolve(answer)
  }

  #lose (socket: Socket, error: Error): void {
    if (socket !== this.#socket) return
    this.#socket = undefined
    if (this.#request !== undefined) this.#reject(error)
  }
}

export interface LoadOptions {
  url: string
  connectionCount: number
  /** The next request, for whichever connection is free. */
  next (): RawRequest
  /** Throws when that was not the answer to that request. */
  check (request: RawRequest, answer: RawAnswer): void
  warmUpMs: number
  windowMs: number
  /** Called at the start and at the end of the window. */
  onEdge? (): void
}

/** Keeps all connections busy and counts the answers within a window. @returns answers per second */
export async function measureRate (options: LoadOptions): Promise<number> {
  const { url, connectionCount, next, check, warmUpMs, windowMs, onEdge = () => {} } = options
  const startMs = performance.now()
  const fromMs = startMs + warmUpMs
  let toMs = Infinity
  let openedMs = NaN
  let count = 0
  const opening = setTimeout(() => {
    onEdge()
    openedMs = performance.now()
    toMs = openedMs + windowMs
  }, fromMs - startMs)
  await Promise.all(Array.from({ length: connectionCount }, async () => {
    const connection = new RawConnection(url)
    try {
      while (performance.now() < toMs) {
        const request = next()
        check(request, await connection.send(request))
        const nowMs = performance.now()
        if (nowMs >= openedMs && nowMs < toMs) count += 1
      }
    } finally {
      connection.close()
      clearTimeout(opening)
    }
  }))
  onEdge()
  return count * 1000 / windowMs
}
