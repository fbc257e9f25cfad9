/** Opens an exchange for each request and closes it with one log line; puts the trace id on every answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { rowOf } from '../errors/catalogue.ts'
import type { Ports } from '../ports.ts'
import { Exchange } from './exchange.ts'
import { printable } from './printable.ts'

export const TRACE_ID_HEADER = 'x-ncp-trace-id'

/** Health checks come every few seconds and say nothing: they are not logged. */
const QUIET_PATHS = new Set(['/_emulator/health', '/_emulator/ready'])

export function addExchangeHooks (app: FastifyInstance, { clock }: Ports): void {
  // Fastify wants the decorator's form before the first request; the real one is made per request.
  app.decorateRequest('exchange', null as unknown as Exchange)

  app.addHook('onRequest', async (request, reply) => {
    const exchange = new Exchange(request.id, clock)
    if (isAdminPath(request.url)) exchange.layer = 'admin'
    request.exchange = exchange
    reply.header(TRACE_ID_HEADER, exchange.traceId)
    reply.raw.once('close', () => {
      if (reply.raw.writableEnded) return
      exchange.clientGone.abort()
      logLine(request, 'the client has gone')
    })
  })

  app.addHook('onResponse', async (request, reply) => {
    logLine(request, String(reply.statusCode), reply.statusCode)
  })
}

function isAdminPath (url: string): boolean {
  return url === '/_emulator' || url.startsWith('/_emulator/') || url.startsWith('/_emulator?')
}

function logLine (request: FastifyRequest, outcome: string, status?: number): void {
  const { exchange } = request
  const path = pathOf(request.url)
  if (QUIET_PATHS.has(path)) return
  const { clientId, lang, bodyBytes, framing, audio, audioSha256, transcriptSource } = exchange
  const { errorKey, stepMs, elapsedMs } = exchange
  const hint = exchange.reason && printable(exchange.reason)
  const code = errorKey && rowOf(errorKey).errorCode
  request.log.info({
    method: request.method,
    path,
    status,
    code,
    errorKey,
    clientId,
    lang,
    bodyBytes,
    framing,
    audio,
    audioSha256,
    source: transcriptSource,
    stepMs,
    elapsedMs,
    hint
  }, `${request.method} ${path} ${outcome}${code ? ` ${code}` : ''} in ${elapsedMs} ms${hint ? `: ${hint}` : ''}`)
  if (exchange.text !== undefined) request.log.debug({ text: exchange.text }, 'transcript')
}

/** The path without the query, which a careless client may have put its secret into; cut at a length for a log. */
export function pathOf (url: string): string {
  return url.split(/[?#]/, 1)[0]?.slice(0, 200) ?? ''
}
