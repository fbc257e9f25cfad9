/**
 * Answers that go out while the request's body is still coming.
 *
 * A server that closes a socket with unread bytes in it makes the kernel send a reset, and the reset can overtake the
 * answer: the client then reports a broken pipe instead of the 413 or 401. And a client that hears the answer early
 * may leave the rest unsent and put its next request in that place. So a body of an acceptable size is read and
 * dropped before the answer; otherwise the answer says that the connection ends, our side of it ends in order, and
 * what still comes is dropped for a while (nginx: lingering_close).
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** nginx' own default for `lingering_time`. */
const LINGER_TOTAL_MS = 30_000
/** nginx' own default for `lingering_timeout`. */
const LINGER_IDLE_MS = 5_000

/** Requests whose client still waits for `100 Continue` before it sends the body. */
const waitingForContinue = new WeakSet<IncomingMessage>()

/** Notes that the client waits with its body; `sendContinue` lets it go on. */
export function noteExpectation (request: IncomingMessage): void {
  waitingForContinue.add(request)
}

/** Answers `100 Continue` if the client waits for it. Call it once the body is wanted, not before. */
export function sendContinue (request: FastifyRequest, reply: FastifyReply): void {
  if (waitingForContinue.delete(request.raw)) reply.raw.writeContinue()
}

/**
 * Before an answer is sent: deals with the part of the body that nobody has read.
 *
 * @param maxDropBytes how much is read and dropped for the sake of the connection
 */
export async function settleUnreadBody (
  request: FastifyRequest, reply: FastifyReply, maxDropBytes: number
): Promise<void> {
  const { raw } = request
  if (raw.readableEnded || !hasBody(raw)) return
  const declaredBytes = Number(request.headers['content-length'] ?? 0)
  // Paused: whoever read it has given up, because it is too large.
  const isUnwanted = declaredBytes > maxDropBytes || waitingForContinue.has(raw) || raw.isPaused()
  if (!isUnwanted && await hasDropped(raw, maxDropBytes)) return
  reply.header('connection', 'close')
  raw.socket.destroySoon = () => { endInOrder(raw.socket, raw) }
}

/**
 * Ends our side of a connection and drops what still comes, for a while, so that the last answer reaches the client.
 *
 * @param request whose body is still coming, if any
 */
export function endInOrder (socket: Socket, request?: IncomingMessage): void {
  const destroy = () => { socket.destroy() }
  socket.end()
  if (request?.complete) {
    // All has come: nothing is left in the kernel's buffer that a close could turn into a reset.
    if (socket.writableFinished) destroy()
    else socket.once('finish', destroy)
    return
  }
  socket.setTimeout(LINGER_IDLE_MS, destroy)
  const deadline = setTimeout(destroy, LINGER_TOTAL_MS).unref()
  socket.once('close', () => { clearTimeout(deadline) })
  socket.once('end', destroy)
  request?.once('end', destroy)
  request?.resume()
  socket.resume()
}

function hasBody (request: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  return encoding !== undefined || length !== '0'
}

/** How to end the dropping of a body, by request. */
const droppings = new WeakMap<IncomingMessage, (isWhole: boolean) => void>()

/**
 * For a body that turns out to be unreadable: the answer that waits for its end goes out now.
 *
 * @returns whether there is such an answer
 */
export function stopDropping (request: IncomingMessage): boolean {
  const settle = droppings.get(request)
  settle?.(false)
  return settle !== undefined
}

/** Reads on to the end and forgets what comes. @returns false when there was more than that, or the client has gone */
function hasDropped (request: IncomingMessage, maxBytes: number): Promise<boolean> {
  return new Promise((resolve) => {
    let droppedBytes = 0
    const settle = (isWhole: boolean) => {
      droppings.delete(request)
      request.off('data', count)
      resolve(isWhole)
    }
    droppings.set(request, settle)
    const count = (chunk: Buffer) => {
      droppedBytes += chunk.length
      if (droppedBytes <= maxBytes) return
      request.pause()
      settle(false)
    }
    request.on('data', count)
    request.once('end', () => { settle(true) })
    request.once('close', () => { settle(false) })
  })
}
