/**
 * Answers that go out while the request's body is still coming.
 *
 * A server that closes a socket with unread bytes in it makes the kernel send a reset, and the reset can overtake the
 * answer: the client then reports a broken pipe instead of the 413 or 401. So the answer is followed by an orderly
 * end of our side only, and what still comes is read and dropped for a while (nginx: lingering_close).
 */
import type { IncomingMessage } from 'node:http'
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
 * Before an answer is sent: decides what happens to the rest of the body. A known small rest is left to Node, which
 * drops it and keeps the connection; otherwise the connection is announced as closing and closed in order.
 *
 * @param maxDropBytes how large a declared body may be to be dropped for the sake of the connection
 */
export function settleUnreadBody (request: FastifyRequest, reply: FastifyReply, maxDropBytes: number): void {
  if (request.raw.complete || !hasBody(request.raw)) return
  const declaredBytes = Number(request.headers['content-length'] ?? Infinity)
  if (declaredBytes <= maxDropBytes && !waitingForContinue.has(request.raw)) return
  reply.header('connection', 'close')
  lingerAfterAnswer(request.raw)
}

function hasBody (request: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  return encoding !== undefined || length !== '0'
}

function lingerAfterAnswer (request: IncomingMessage): void {
  const { socket } = request
  const destroy = () => { socket.destroy() }
  // Node calls this after the last answer of a connection, to end the socket and destroy it as soon as that is out.
  socket.destroySoon = () => {
    socket.end()
    if (request.complete) {
      // All has come: nothing is left in the kernel's buffer that a close could turn into a reset.
      socket.writableFinished ? destroy() : socket.once('finish', destroy)
      return
    }
    socket.setTimeout(LINGER_IDLE_MS, destroy)
    const deadline = setTimeout(destroy, LINGER_TOTAL_MS).unref()
    socket.once('close', () => { clearTimeout(deadline) })
    request.once('end', destroy)
    // A client that wanted to hear 100 Continue sends nothing any more and closes by itself.
    request.resume()
  }
}
