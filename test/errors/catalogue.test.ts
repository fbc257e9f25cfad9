import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { ApiError } from '../../src/errors/api-error.ts'
import { CATALOGUE, rowOf, type CatalogueKey } from '../../src/errors/catalogue.ts'
import { renderError } from '../../src/errors/error-body.ts'
import { findForeignRow } from '../../src/errors/foreign-errors.ts'

const keys = Object.keys(CATALOGUE) as CatalogueKey[]

/** Rows that nothing but an armed fault can provoke (the control API will arm them). */
const ONLY_BY_FAULT: readonly CatalogueKey[] = ['GATEWAY_FORBIDDEN', 'GATEWAY_ENTITY_TOO_LARGE']

/** The vendor's bytes, written out: code by code, nested and flat. */
const GOLDEN: Record<CatalogueKey, [status: number, nested: string, flat?: string]> = {
  GATEWAY_BAD_REQUEST: [400, '{"error":{"errorCode":"100","message":"Bad Request Exception","details":"Bad request."}}'],
  GATEWAY_CREDENTIALS_MISSING: [401, '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Authentication information are missing."}}'],
  GATEWAY_CREDENTIALS_INVALID: [401, '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Invalid authentication information."}}'],
  GATEWAY_NOT_SUBSCRIBED: [401, '{"error":{"errorCode":"210","message":"Permission Denied","details":"A subscription to the API is required."}}'],
  GATEWAY_FORBIDDEN: [403, '{"error":{"errorCode":"230","message":"Forbidden","details":"Forbidden."}}'],
  GATEWAY_URL_NOT_FOUND: [404, '{"error":{"errorCode":"300","message":"Not Found Exception","details":"URL not found."}}'],
  GATEWAY_QUOTA_EXCEEDED: [429, '{"error":{"errorCode":"400","message":"Quota Exceeded","details":"Quota exceeded."}}'],
  GATEWAY_NOT_SELECTED: [429, '{"error":{"errorCode":"400","message":"Quota Exceeded","details":"Quota exceeded."}}'],
  GATEWAY_THROTTLE_LIMITED: [429, '{"error":{"errorCode":"410","message":"Throttle Limited","details":"Rate exceeded."}}'],
  GATEWAY_RATE_LIMITED: [429, '{"error":{"errorCode":"420","message":"Rate Limited","details":"Rate exceeded."}}'],
  GATEWAY_ENTITY_TOO_LARGE: [413, '{"error":{"errorCode":"430","message":"Request Entity Too Large","details":"Request entity is too large."}}'],
  GATEWAY_ENDPOINT_ERROR: [503, '{"error":{"errorCode":"500","message":"Endpoint Error","details":"Endpoint error."}}'],
  GATEWAY_ENDPOINT_TIMEOUT: [504, '{"error":{"errorCode":"510","message":"Endpoint Timeout","details":"Endpoint timed out."}}'],
  GATEWAY_UNEXPECTED_ERROR: [500, '{"error":{"errorCode":"900","message":"Unexpected Error","details":"Unexpected error."}}'],
  STT_ENTITY_TOO_LARGE: [413, '{"error":{"errorCode":"STT000","message":"Request Entity Too Large"}}', '{"errorMessage":"Request Entity Too Large","errorCode":"STT000"}'],
  STT_TOO_LONG: [413, '{"error":{"errorCode":"STT001","message":"Exceed Sound Data length"}}', '{"errorMessage":"Exceed Sound Data length","errorCode":"STT001"}'],
  STT_CONTENT_TYPE_INVALID: [400, '{"error":{"errorCode":"STT002","message":"Invalid Content Type"}}', '{"errorMessage":"Invalid Content Type","errorCode":"STT002"}'],
  STT_BODY_EMPTY: [400, '{"error":{"errorCode":"STT003","message":"Empty Sound Data"}}', '{"errorMessage":"Empty Sound Data","errorCode":"STT003"}'],
  STT_LANGUAGE_EMPTY: [400, '{"error":{"errorCode":"STT004","message":"Empty Language"}}', '{"errorMessage":"Empty Language","errorCode":"STT004"}'],
  STT_LANGUAGE_INVALID: [400, '{"error":{"errorCode":"STT005","message":"Invalid Language"}}', '{"errorMessage":"Invalid Language","errorCode":"STT005"}'],
  STT_DECODE_FAILED: [500, '{"error":{"errorCode":"STT006","message":"Failed to pre-processing"}}', '{"errorMessage":"Failed to pre-processing","errorCode":"STT006"}'],
  STT_TOO_SHORT: [400, '{"error":{"errorCode":"STT007","message":"Too Short Sound Data"}}', '{"errorMessage":"Too Short Sound Data","errorCode":"STT007"}'],
  STT_RECOGNITION_FAILED: [500, '{"error":{"errorCode":"STT998","message":"Failed to STT"}}', '{"errorMessage":"Failed to STT","errorCode":"STT998"}'],
  STT_INTERNAL_ERROR: [500, '{"error":{"errorCode":"STT999","message":"Internal Server Error"}}', '{"errorMessage":"Internal Server Error","errorCode":"STT999"}'],
  ADMIN_ROUTE_UNKNOWN: [404, '{"error":{"errorCode":"ADMIN_ROUTE_UNKNOWN","message":"the control API has no GET /x; openapi.yaml lists what it has"}}'],
  ADMIN_UNEXPECTED_ERROR: [500, '{"error":{"errorCode":"ADMIN_UNEXPECTED_ERROR","message":"the emulator failed; its log has the cause under this trace id"}}']
}

t.test('every row renders to its golden bytes, in both shapes', async (t) => {
  for (const key of keys) {
    const [httpStatus, nested, flat = nested] = GOLDEN[key]
    const message = key === 'ADMIN_ROUTE_UNKNOWN'
      ? new ApiError(key, { parameters: { method: 'GET', path: '/x' } }).message
      : rowOf(key).message
    t.strictSame(renderError(key, 'nested', message), { httpStatus, body: nested }, key)
    t.strictSame(renderError(key, 'flat', message), { httpStatus, body: flat }, `${key}, flat`)
  }
})

t.test('no error body has a text key: clients look for one before they look at the status', async (t) => {
  for (const key of keys) t.notOk('text' in (JSON.parse(renderError(key, 'nested').body) as object), key)
})

function sourceFiles (folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => entry.isDirectory()
    ? sourceFiles(new URL(`${entry.name}/`, folder))
    : [readFileSync(new URL(entry.name, folder), 'utf8')])
}

t.test('every row is answered somewhere', async (t) => {
  const source = sourceFiles(new URL('../../src/', import.meta.url)).filter((text) => !text.includes('const CATALOGUE ='))
  for (const key of keys) {
    if (ONLY_BY_FAULT.includes(key)) continue
    t.ok(source.some((text) => text.includes(`'${key}'`)), key)
  }
})

t.test('every row says where it comes from', async (t) => {
  for (const key of keys) {
    const { when, source, mark } = rowOf(key)
    t.match(when, /\.$/, key)
    t.match(source, /^(source \d|emulator only)/, key)
    t.match(mark, /^[DOMIU]$/, key)
  }
})

t.test('ApiError takes exactly the parameters of its text', async (t) => {
  const error = new ApiError('ADMIN_ROUTE_UNKNOWN', { parameters: { method: 'PUT', path: '/_emulator/x' } })
  t.equal(error.message, 'the control API has no PUT /_emulator/x; openapi.yaml lists what it has')
  t.equal(new ApiError('STT_TOO_SHORT', { reason: 'why' }).reason, 'why')
  // What follows is checked by the compiler; at run time a missing parameter is only an empty text.
  // @ts-expect-error the row has placeholders, so options are not optional
  t.equal(new ApiError('ADMIN_ROUTE_UNKNOWN').message, 'the control API has no  ; openapi.yaml lists what it has')
  // @ts-expect-error `path` is missing
  t.ok(new ApiError('ADMIN_ROUTE_UNKNOWN', { parameters: { method: 'PUT' } }))
  // @ts-expect-error the row has no placeholder
  t.ok(new ApiError('STT_TOO_SHORT', { parameters: {} }))
  // @ts-expect-error there is no such row
  t.throws(() => new ApiError('STT_NONSENSE'))
})

t.test('foreign errors are known by their code alone', async (t) => {
  const cases: [unknown, CatalogueKey | undefined][] = [
    [{ code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }, 'STT_CONTENT_TYPE_INVALID'],
    [{ code: 'FST_ERR_BAD_URL' }, 'GATEWAY_BAD_REQUEST'],
    [{ code: 'FST_ERR_SOMETHING_NEW' }, undefined],
    [{ code: 7 }, undefined],
    [new Error('x'), undefined],
    [null, undefined],
    ['text', undefined]
  ]
  for (const [error, key] of cases) t.equal(findForeignRow(error)?.key, key)
})
