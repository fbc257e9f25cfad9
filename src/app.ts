/** The composition root: every scope and hook, in order. No process, no configuration source, no socket. */
import Fastify, { LogController, type FastifyInstance } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { admin, type AdminParts } from './admin/index.ts'
import type { AudioDecoder } from './audio/decode.ts'
import type { Config } from './config.ts'
import { createQuota } from './emulation/quota.ts'
import { gateway, type GatewayParts } from './gateway/index.ts'
import { addErrorExits, createFrameworkErrorExit, createSocketErrorExit, noteResponse, writeRawError } from './http/error-exits.ts'
import { addClosingHooks } from './http/closing.ts'
import { addExchangeHooks } from './http/exchange-hook.ts'
import { addProtocolChecks } from './http/protocol.ts'
import { noteExpectation, settleUnreadBody } from './http/unread-body.ts'
import type { Ports } from './ports.ts'
import type { Recognizer } from './speech/recognizer.ts'
import { createSoundReader } from './speech/sound.ts'
import { createTranscriber } from './speech/transcribe.ts'
import type { TranscriptLockfile } from './speech/transcript-lockfile.ts'

export interface AppParts extends Omit<GatewayParts, 'quota' | 'sounds' | 'transcriber'>, AdminParts {
  ports: Ports
  decoder: AudioDecoder
  recognizer: Recognizer
  lockfile?: TranscriptLockfile | undefined
}

export interface LogOptions {
  level: string
  /** Where lines go; standard output when absent. */
  stream?: { write (line: string): void }
}

/** @param beforeRoutes sees every route as it is added; for tools that describe them (scripts/openapi.ts) */
export async function buildApp (
  config: Config, parts: AppParts, log: LogOptions, beforeRoutes?: (app: FastifyInstance) => PromiseLike<unknown>
): Promise<FastifyInstance> {
  const { ports } = parts
  const app: FastifyInstance = Fastify({
    logger: { ...log, base: null, timestamp: () => `,"time":"${new Date(ports.clock.nowMs()).toISOString()}"` },
    // One line per call is written by the exchange hook.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    genReqId: () => ports.ids.traceId(),
    // The form that a client sends through a proxy (RFC 9112, 3.2.2): every server has to take it.
    rewriteUrl: ({ url = '/' }) => url.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, '') || '/',
    requestTimeout: config.requestTimeoutMs,
    // Fastify's own answer while closing has its own form; a call that is already on its way is still served.
    return503OnClosing: false,
    // Node would answer a missing Host by itself, without a body; protocol.ts does it in the vendor's form.
    // It looks for late requests only every so often: often enough for the setting to mean something.
    http: {
      requireHostHeader: false,
      // Node exchanges the two limits when the one for the head is the larger.
      headersTimeout: Math.min(60_000, config.requestTimeoutMs),
      connectionsCheckingInterval: Math.min(30_000, config.requestTimeoutMs)
    },
    frameworkErrors: createFrameworkErrorExit(config.sttErrorShape),
    clientErrorHandler: createSocketErrorExit(ports.ids, () => app.log)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })

  const serve = (request: IncomingMessage, response: ServerResponse) => app.server.emit('request', request, response)
  app.server.prependListener('request', noteResponse)
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    noteExpectation(request)
    serve(request, response)
  })
  // Any other expectation is ignored, as nginx does; Node would answer 417.
  app.server.on('checkExpectation', serve)
  app.server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    writeRawError(socket, 'GATEWAY_URL_NOT_FOUND', ports.ids.traceId())
  })

  addExchangeHooks(app, ports)
  addProtocolChecks(app)
  addErrorExits(app, config.sttErrorShape)
  addClosingHooks(app)
  app.addHook('onSend', (request, reply) => settleUnreadBody(request, reply, config.maxBodyBytes))

  await beforeRoutes?.(app)
  const quota = createQuota(ports.clock, config.quotaRoundingSeconds)
  // Half of the memory for what bodies hold, half for what was said in them: an entry of either takes about the same.
  const cacheBytes = Math.floor(config.cacheBytes / 2)
  const sounds = createSoundReader(parts.decoder, { maxBytes: cacheBytes })
  const transcriber = createTranscriber({ recognizer: parts.recognizer, cacheBytes, lockfile: parts.lockfile })
  await app.register((scope) => gateway(scope, config, { ...parts, quota, sounds, transcriber }))
  await app.register((scope) => admin(scope, parts))
  return app
}
