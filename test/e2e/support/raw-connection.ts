/** A socket that a test writes HTTP to by hand, and that reads answers byte by byte as they stand on the wire. */
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

/** One answer as it stood on the wire. */
export interface WireAnswer {
  httpVersion: string
  status: number
  /** Names in lower case, with each value as often as it was there. */
  headers: [name: string, value: string][]
  body: string
}

export interface RawConnection {
  /** Resolves when the system has taken the bytes; never when the peer stops reading, so do not always wait for it. */
  write (data: string | Buffer): Promise<void>
  /** Sends the end of our side. */
  end (): void
  /** Drops the connection without a word. */
  destroy (): void
  /** The next answer. `hasBody` is false for the answer to a HEAD, whose length says what a GET would bring. */
  readAnswer (options?: { hasBody?: boolean }): Promise<WireAnswer>
  /** Everything that has come and has not been read as an answer. */
  unread (): string
  /** Resolves with what was still unread when the server has ended its side. Fails when the connection was reset. */
  readToEnd (): Promise<string>
}

/** Connects to a server on the loopback; the connection is dropped when the test ends. */
export async function connectTo (t: Test, port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  t.teardown(() => { socket.destroy() })
  const input = collectInput(socket)

  async function readAnswer ({ hasBody = true } = {}): Promise<WireAnswer> {
    const head = await input.take((text) => {
      const end = text.indexOf('\r\n\r\n')
      return end < 0 ? undefined : end + 4
    })
    const [statusLine = '', ...headerLines] = head.slice(0, -4).split('\r\n')
    const [, httpVersion = '', status] = /^HTTP\/(\d\.\d) (\d{3}) /.exec(`${statusLine} `) ?? []
    const headers = headerLines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    })
    const length = hasBody ? Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0) : 0
    const body = await input.take((text) => text.length >= length ? length : undefined)
    return { httpVersion, status: Number(status), headers, body }
  }

  return {
    write: (data) => new Promise((resolve, reject) => {
      socket.write(data, (error) => { error == null ? resolve() : reject(error) })
    }),
    end: () => { socket.end() },
    destroy: () => { socket.destroy() },
    readAnswer,
    unread: () => input.text(),
    readToEnd: () => input.ended.then(() => input.text())
  }
}

/** Bytes as latin1, so that one character is one byte. */
function collectInput (socket: Socket) {
  let text = ''
  let isEnded = false
  let failure: Error | undefined
  const waiting = new Set<() => void>()
  const wake = () => { for (const each of waiting) each() }
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    wake()
  })
  const ended = new Promise<void>((resolve, reject) => {
    socket.once('end', () => {
      isEnded = true
      wake()
      resolve()
    })
    socket.once('error', (error) => {
      failure = error
      wake()
      reject(error)
    })
  })
  // Whoever asks hears of it; nobody has to ask.
  ended.catch(() => {})

  /** Waits until `lengthOf` knows how much belongs together, and takes it. */
  function take (lengthOf: (text: string) => number | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const length = lengthOf(text)
        if (length === undefined && failure === undefined && !isEnded) return
        waiting.delete(attempt)
        if (length === undefined) {
          reject(failure ?? new Error(`the server ended the connection after: ${JSON.stringify(text)}`))
          return
        }
        const taken = text.slice(0, length)
        text = text.slice(length)
        resolve(taken)
      }
      waiting.add(attempt)
      attempt()
    })
  }

  return { take, ended, text: () => text }
}
