/**
 * The four ways out for an error: thrown in a hook or handler, no such route, refused by the framework before routing,
 * and bytes that are not HTTP. All of them answer in the vendor's form; no other file writes an error.
 */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../errors/api-error.ts'
import type { CatalogueKey } from '../errors/catalogue.ts'
import { JSON_CONTENT_TYPE, renderError, type SttErrorShape } from '../errors/error-body.ts'
import { findForeignRow } from '../errors/foreign-errors.ts'
import type { IdSource } from '../ports.ts'
import { pathOf, TRACE_ID_HEADER } from './exchange-hook.ts'
import type { AnsweringLayer } from './exchange.ts'
import { printable } from './printable.ts'
import { endInOrder, stopDropping } from './unread-body.ts'

/** What stands for a defect of ours, by the layer that was answering. */
const DEFECT_KEYS: Readonly<Record<AnsweringLayer, CatalogueKey>> = {
  gateway: 'GATEWAY_UNEXPECTED_ERROR',
  service: 'STT_INTERNAL_ERROR',
  admin: 'ADMIN_UNEXPECTED_ERROR'
}

/** Exits 1 and 2: what is thrown, and what has no route. */
export function addErrorExits (app: FastifyInstance, shape: SttErrorShape): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, shape))

  // A hook and not the handler below, because the framework would look at the body and its type first.
  app.addHook('onRequest', async (request) => {
    if (!request.is404) return
    const path = request.url.split('?', 1)[0] ?? ''
    if (request.exchange.layer === 'admin') {
      throw new ApiError('ADMIN_ROUTE_UNKNOWN', { parameters: { method: request.method, path } })
    }
    throw new ApiError('GATEWAY_URL_NOT_FOUND', { reason: reasonForNoRoute(request.method, path) })
  })
  app.setNotFoundHandler(() => { throw new ApiError('GATEWAY_URL_NOT_FOUND') })
}

/** Exit 3: the framework refuses the request before it knows a route, and before any hook. */
export function createFrameworkErrorExit (shape: SttErrorShape) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    reply.header(TRACE_ID_HEADER, request.id)
    const { key, reason } = findForeignRow(error) ?? { key: DEFECT_KEYS.gateway, reason: error.name }
    const { httpStatus, body } = renderError(key, shape)
    const path = printable(pathOf(request.url))
    request.log.info({ method: request.method, path, status: httpStatus, errorKey: key, hint: reason },
      `${request.method} ${path} ${httpStatus}: ${reason}`)
    reply.code(httpStatus).header('content-type', JSON_CONTENT_TYPE).send(body)
  }
}

/** Errors of a socket whose client has left in the middle of a request: there is nobody to answer. */
const CLIENT_LEFT = new Set<string | undefined>(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'])

/** Sockets that have had their last answer from exit 4. What else comes from them is dropped. */
const finished = new WeakSet<Duplex>()

/** Exit 4: Node's parser gave up, or the request did not come in time. There is no request to answer, only a socket. */
export function createSocketErrorExit (ids: IdSource, log: () => FastifyBaseLogger) {
  const refuse = (socket: Socket, reason: string) => {
    if (!socket.writable) return
    const traceId = ids.traceId()
    log().info({ traceId, status: 400, code: '100', errorKey: 'GATEWAY_BAD_REQUEST', hint: reason }, `400 100: ${reason}`)
    writeRawError(socket, 'GATEWAY_BAD_REQUEST', traceId)
    endInOrder(socket)
  }

  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    if (finished.has(socket)) return
    finished.add(socket)
    const response = latestResponses.get(socket)
    const reason = reasonForSocketError(error)
    if (isBeyondAnswering(error, socket, response)) {
      socket.destroy()
    } else if (response?.writableFinished === false && response.req.complete) {
      // What cannot be read came behind a good request, which gets its own answer first.
      response.once('finish', () => { refuse(socket, reason) })
    } else if (response === undefined || !stopDropping(response.req)) {
      refuse(socket, reason)
    }
  }
}

function isBeyondAnswering (
  { code }: NodeJS.ErrnoException, socket: Socket, response: ServerResponse | undefined
): boolean {
  if (CLIENT_LEFT.has(code) || !socket.writable) return true
  // An answer that has begun cannot be taken back, and another one behind an early answer would belong to no request.
  return response !== undefined && response.headersSent && !response.req.complete
}

function reasonForSocketError ({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? 'the request did not arrive in time'
    : `not HTTP: ${printable(message)}`
}

/** An answer written by hand, for sockets that have no response object. */
export function writeRawError (socket: Duplex, key: CatalogueKey, traceId: string): void {
  const { httpStatus, body } = renderError(key, 'nested')
  socket.end([
    `HTTP/1.1 ${httpStatus} ${STATUS_CODES[httpStatus]}`,
    `${TRACE_ID_HEADER}: ${traceId}`,
    `content-type: ${JSON_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body
  ].join('\r\n'))
}

const latestResponses = new WeakMap<Socket, ServerResponse>()

/** Remembers which answer a socket is at, so that exit 4 never writes into another one. */
export function noteResponse (request: IncomingMessage, response: ServerResponse): void {
  latestResponses.set(request.socket, response)
}

function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply, shape: SttErrorShape): FastifyReply {
  const { exchange } = request
  const known = error instanceof ApiError ? error : findForeignRow(error)
  const key = known?.key ?? DEFECT_KEYS[exchange.layer]
  exchange.errorKey = key
  if (known?.reason !== undefined) exchange.reason = known.reason
  // When the client has gone nobody hears the answer, and the broken stream is no defect.
  if (known === undefined && !exchange.clientGone.signal.aborted && !request.raw.destroyed) {
    request.log.error({ err: error }, 'unexpected error')
  }
  const message = error instanceof ApiError ? error.message : undefined
  const { httpStatus, body } = renderError(key, shape, message)
  return reply.code(httpStatus).header('content-type', JSON_CONTENT_TYPE).send(body)
}

function reasonForNoRoute (method: string, path: string): string {
  if (path === '/recog/v1/stt') return `the method must be POST, not ${method}`
  return 'CSR has one path, /recog/v1/stt, in exactly that spelling'
}
