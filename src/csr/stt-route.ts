/** POST /recog/v1/stt: what the emulator does, step by step. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { Quota } from '../emulation/quota.ts'
import { ApiError } from '../errors/api-error.ts'
import { JSON_CONTENT_TYPE } from '../errors/error-body.ts'
import { readUpload } from '../http/upload.ts'
import { sendContinue } from '../http/unread-body.ts'
import type { SoundReader } from '../speech/sound.ts'
import type { Transcriber } from '../speech/transcribe.ts'
import { CHECKS_AFTER_DECODING, CHECKS_BEFORE_DECODING, runChecks } from './checks.ts'
import { WIRE_LANGUAGES, type WireLanguage } from './languages.ts'
import { STT_SCHEMA } from './stt-schema.ts'
import { renderTranscript } from './success-body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The whole body, as it came. */
    upload: Buffer
  }
}

export interface CsrParts {
  sounds: SoundReader
  transcriber: Transcriber
  quota: Quota
}

/** Calls that are let in for each that a recogniser works for or that may wait: uploads and decoding take time too. */
const CALLS_PER_PLACE = 2

export async function csrService (scope: FastifyInstance, config: Config, parts: CsrParts): Promise<void> {
  scope.decorateRequest('upload', null as unknown as Buffer)
  admitCalls(scope, CALLS_PER_PLACE * (config.workers + config.queueLength))

  // The body is read here and not by a parser of the framework: its size must be refused before its type is looked
  // at, its first byte must not be asked for before the gateway has agreed, and it must never be interpreted.
  scope.addHook('preParsing', async (request, reply, payload) => {
    const { exchange, headers } = request
    const declared = headers['content-length']
    exchange.framing = headers['transfer-encoding'] ? 'chunked' : declared ? 'content-length' : 'none'
    request.upload = await exchange.measure('upload', () => readUpload(
      payload,
      declared === undefined ? undefined : Number(declared),
      config.maxBodyBytes,
      () => { sendContinue(request, reply) }
    ))
    exchange.bodyBytes = request.upload.length
  })

  scope.post('/recog/v1/stt', { schema: STT_SCHEMA }, async (request, reply) => {
    const text = await answer(request, config, parts)
    return reply.header('content-type', JSON_CONTENT_TYPE).send(renderTranscript(text))
  })
}

/**
 * Bounds the memory that bodies take: each call under way may hold one.
 *
 * @throws GATEWAY_ENDPOINT_ERROR when so many calls are under way already
 */
function admitCalls (scope: FastifyInstance, maxCalls: number): void {
  let callsUnderWay = 0
  scope.addHook('preParsing', async (_request, reply) => {
    if (callsUnderWay >= maxCalls) {
      throw new ApiError('GATEWAY_ENDPOINT_ERROR', {
        reason: `${callsUnderWay} calls are under way already (CSR_QUEUE_LENGTH, CSR_WORKERS)`
      })
    }
    callsUnderWay += 1
    reply.raw.once('close', () => { callsUnderWay -= 1 })
  })
}

async function answer (request: FastifyRequest, config: Config, parts: CsrParts): Promise<string> {
  const { exchange, upload: body, application } = request
  const { signal } = exchange.clientGone
  exchange.layer = 'service'

  const lang = firstLang(request.query)
  if (lang !== undefined) exchange.lang = lang.slice(0, 32)
  runChecks(CHECKS_BEFORE_DECODING, { contentType: request.headers['content-type'], body, lang })
  const { language, hasBlanksBetweenWords } = WIRE_LANGUAGES[lang as WireLanguage]

  const sound = await exchange.measure('decode', () => parts.sounds.read(body, signal))
  const { durationMs, paddingMs, facts, digest } = sound
  const { minAudioMs, maxAudioMs } = config
  exchange.audio = { ...facts, durationMs: Math.round(durationMs * 100) / 100 }
  exchange.audioSha256 = digest
  runChecks(CHECKS_AFTER_DECODING, { durationMs, paddingMs, minAudioMs, maxAudioMs })

  const { text, source } = await exchange.measure('recognize', () =>
    parts.transcriber.transcribe(sound, language, hasBlanksBetweenWords, signal))
  exchange.transcriptSource = source
  exchange.text = text
  parts.quota.charge(application, durationMs)
  return text
}

/** The first `lang` of the query; which of several the vendor takes is unknown (fidelity.md, source 1.1). */
function firstLang (query: unknown): string | undefined {
  const { lang } = query as { lang?: string | string[] }
  return Array.isArray(lang) ? lang[0] : lang
}
