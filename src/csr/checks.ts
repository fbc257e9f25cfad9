/**
 * The service's refusals as two ordered lists: before and after decoding. Whoever learns the vendor's real order moves
 * a row. Order: fidelity.md, source 0, row 6, and 6 (mark I: inferred).
 */
import { ApiError } from '../errors/api-error.ts'
import type { Mark, VendorKey } from '../errors/catalogue.ts'
import { isWireLanguage, WIRE_LANGUAGES, type WireLanguage } from './languages.ts'

/** What the checks before decoding look at: the request as it came. */
export interface RawCall {
  contentType: string | undefined
  body: Buffer
  /** First value of `lang`, decoded; undefined when the query has none. */
  lang: string | undefined
}

/** What the checks after decoding look at. */
export interface DecodedCall {
  durationMs: number
  /** How much of it may be padding of an encoder, which was not said and counts for nothing at the upper limit. */
  paddingMs: number
  minAudioMs: number
  maxAudioMs: number
}

interface Check<Call> {
  key: VendorKey
  /** How sure we are of the check's place in the order. */
  mark: Mark
  isRefused (call: Call): boolean
  /** For the log: what was wrong, and by how much. */
  reason (call: Call): string
}

export const CHECKS_BEFORE_DECODING: readonly Check<RawCall>[] = [
  {
    key: 'STT_CONTENT_TYPE_INVALID',
    mark: 'I',
    isRefused: ({ contentType }) => mediaTypeOf(contentType) !== 'application/octet-stream',
    reason: ({ contentType }) => reasonForContentType(mediaTypeOf(contentType))
  },
  {
    key: 'STT_BODY_EMPTY',
    mark: 'I',
    isRefused: ({ body }) => body.length === 0,
    reason: () => 'the body has no byte'
  },
  {
    key: 'STT_LANGUAGE_EMPTY',
    mark: 'I',
    isRefused: ({ lang }) => lang === undefined || lang === '',
    reason: ({ lang }) => lang === undefined ? 'the query has no lang: add ?lang=Kor' : 'lang has no value'
  },
  {
    key: 'STT_LANGUAGE_INVALID',
    mark: 'I',
    isRefused: ({ lang = '' }) => !isWireLanguage(lang),
    reason: ({ lang = '' }) => reasonForLanguage(lang)
  }
]

export const CHECKS_AFTER_DECODING: readonly Check<DecodedCall>[] = [
  {
    key: 'STT_TOO_SHORT',
    mark: 'I',
    isRefused: ({ durationMs, minAudioMs }) => durationMs <= minAudioMs,
    reason: ({ durationMs, minAudioMs }) =>
      `the sound lasts ${inMs(durationMs)} ms, it must be longer than ${minAudioMs} ms`
  },
  {
    key: 'STT_TOO_LONG',
    mark: 'I',
    isRefused: ({ durationMs, paddingMs, maxAudioMs }) => durationMs - paddingMs > maxAudioMs,
    reason: ({ durationMs, paddingMs, maxAudioMs }) =>
      `the sound lasts ${inMs(durationMs)} ms${aboutPadding(paddingMs)}, the limit is ${maxAudioMs} ms`
  }
]

/**
 * Runs the checks in their order and throws the first that refuses.
 *
 * @throws the key of the row
 */
export function runChecks<Call> (checks: readonly Check<Call>[], call: Call): void {
  for (const check of checks) {
    if (check.isRefused(call)) throw new ApiError(check.key, { reason: check.reason(call) })
  }
}

function mediaTypeOf (contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function reasonForContentType (mediaType: string): string {
  const advice = 'send Content-Type: application/octet-stream, whatever the audio format'
  if (mediaType === '') return `there is no Content-Type: ${advice}`
  if (mediaType.startsWith('multipart/')) {
    return `the body is ${mediaType.slice(0, 60)}: send the bytes of the file alone, and ${advice}`
  }
  return `the Content-Type is ${mediaType.slice(0, 60)}: ${advice}`
}

function reasonForLanguage (lang: string): string {
  const wanted = Object.keys(WIRE_LANGUAGES).join(', ')
  return `lang is "${lang.slice(0, 32)}", it must be one of ${wanted}, in exactly that spelling${suggestion(lang)}`
}

/** What people write who know other speech APIs: ISO codes and locales. */
const MEANT: ReadonlyMap<string, WireLanguage> = new Map([
  ['ko', 'Kor'], ['kr', 'Kor'], ['kor', 'Kor'],
  ['en', 'Eng'], ['eng', 'Eng'],
  ['ja', 'Jpn'], ['jp', 'Jpn'], ['jpn', 'Jpn'],
  ['zh', 'Chn'], ['cn', 'Chn'], ['chn', 'Chn']
])

function suggestion (lang: string): string {
  const meant = MEANT.get(lang.toLowerCase().split(/[-_]/, 1)[0] ?? '')
  return meant === undefined ? '' : `: did you mean ${meant}?`
}

/** Two samples of doubt are nothing to tell people of. */
function aboutPadding (paddingMs: number): string {
  return paddingMs > 1 ? `, of which up to ${inMs(paddingMs)} ms may be encoder padding` : ''
}

function inMs (durationMs: number): number {
  return Math.round(durationMs * 100) / 100
}
