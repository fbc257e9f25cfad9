import t from 'tap'
import fc from 'fast-check'
import { ApiError } from '../../src/errors/api-error.ts'
import { CHECKS_AFTER_DECODING, CHECKS_BEFORE_DECODING, runChecks, type RawCall } from '../../src/csr/checks.ts'

const right: RawCall = { contentType: 'application/octet-stream', body: Buffer.from('x'), lang: 'Kor' }

function refusal (run: () => void): [key: string, reason: string | undefined] | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof ApiError ? [error.key, error.reason] : [String(error), '']
  }
}

const advice = 'send Content-Type: application/octet-stream, whatever the audio format'
const wanted = 'it must be one of Kor, Eng, Jpn, Chn, in exactly that spelling'

type Case = [name: string, change: Partial<RawCall>, expected: [key: string, reason: string] | undefined]

const cases: Case[] = [
  ['right', {}, undefined],
  ['a parameter', { contentType: 'application/octet-stream;charset=UTF-8' }, undefined],
  ['capitals and blanks', { contentType: ' Application/Octet-Stream ; q=1' }, undefined],
  ['no type', { contentType: undefined }, ['STT_CONTENT_TYPE_INVALID', `there is no Content-Type: ${advice}`]],
  ['audio/wav', { contentType: 'audio/wav' }, ['STT_CONTENT_TYPE_INVALID', `the Content-Type is audio/wav: ${advice}`]],
  ['a type that only begins right', { contentType: 'application/octet-streams' },
    ['STT_CONTENT_TYPE_INVALID', `the Content-Type is application/octet-streams: ${advice}`]],
  ['multipart', { contentType: 'multipart/form-data; boundary=x' },
    ['STT_CONTENT_TYPE_INVALID', `the body is multipart/form-data: send the bytes of the file alone, and ${advice}`]],
  ['empty', { body: Buffer.alloc(0) }, ['STT_BODY_EMPTY', 'the body has no byte']],
  ['no lang', { lang: undefined }, ['STT_LANGUAGE_EMPTY', 'the query has no lang: add ?lang=Kor']],
  ['empty lang', { lang: '' }, ['STT_LANGUAGE_EMPTY', 'lang has no value']],
  ['a locale', { lang: 'ko-KR' }, ['STT_LANGUAGE_INVALID', `lang is "ko-KR", ${wanted}: did you mean Kor?`]],
  ['small letters', { lang: 'jpn' }, ['STT_LANGUAGE_INVALID', `lang is "jpn", ${wanted}: did you mean Jpn?`]],
  ['nonsense', { lang: 'x'.repeat(99) }, ['STT_LANGUAGE_INVALID', `lang is "${'x'.repeat(32)}", ${wanted}`]],
  ['a name that objects have', { lang: 'constructor' }, ['STT_LANGUAGE_INVALID', `lang is "constructor", ${wanted}`]]
]

t.test('before decoding', async (t) => {
  for (const [name, change, expected] of cases) {
    t.strictSame(refusal(() => { runChecks(CHECKS_BEFORE_DECODING, { ...right, ...change }) }), expected, name)
  }
})

t.test('after decoding', async (t) => {
  const limits = { minAudioMs: 400, maxAudioMs: 60_000 }
  type Case = [durationMs: number, expected: [string, string] | undefined, paddingMs?: number]
  const durations: Case[] = [
    [0, ['STT_TOO_SHORT', 'the sound lasts 0 ms, it must be longer than 400 ms']],
    [400, ['STT_TOO_SHORT', 'the sound lasts 400 ms, it must be longer than 400 ms']],
    [400.0625, undefined],
    [60_000, undefined],
    [60_000.0625, ['STT_TOO_LONG', 'the sound lasts 60000.06 ms, the limit is 60000 ms']],
    [61_200, ['STT_TOO_LONG', 'the sound lasts 61200 ms, the limit is 60000 ms']],
    [60_000.125, undefined, 0.125],
    [60_000.25, ['STT_TOO_LONG', 'the sound lasts 60000.25 ms, the limit is 60000 ms'], 0.125],
    [60_200, undefined, 200],
    [60_200.5, ['STT_TOO_LONG',
      'the sound lasts 60200.5 ms, of which up to 200 ms may be encoder padding, the limit is 60000 ms'], 200],
    [400, ['STT_TOO_SHORT', 'the sound lasts 400 ms, it must be longer than 400 ms'], 200],
    [400.0625, undefined, 200]
  ]
  for (const [durationMs, expected, paddingMs = 0] of durations) {
    t.strictSame(refusal(() => { runChecks(CHECKS_AFTER_DECODING, { durationMs, paddingMs, ...limits }) }), expected,
      `${durationMs} ms, padding ${paddingMs} ms`)
  }
})

t.test('whatever is sent, the checks refuse by a row or not at all', async (t) => {
  const anyText = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
  fc.assert(fc.property(anyText, anyText, fc.uint8Array(), (contentType, lang, body) => {
    const result = refusal(() => { runChecks(CHECKS_BEFORE_DECODING, { contentType, lang, body: Buffer.from(body) }) })
    return result === undefined || /^STT_/.test(result[0])
  }))
  t.pass()
})
