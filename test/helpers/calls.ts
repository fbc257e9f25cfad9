/** Calls as clients make them. */
import type { InjectOptions } from 'fastify'

/** Header values of a right call. */
export const RIGHT_HEADERS = {
  'x-ncp-apigw-api-key-id': 'test-id',
  'x-ncp-apigw-api-key': 'test-secret',
  'content-type': 'application/octet-stream'
}

/** A right call to inject, with some of it replaced. */
export function call (changes: Partial<InjectOptions> = {}): InjectOptions {
  return { method: 'POST', url: '/recog/v1/stt?lang=Eng', headers: RIGHT_HEADERS, ...changes }
}
