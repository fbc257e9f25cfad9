import type { CatalogueKey } from './catalogue.ts'

/**
 * Errors that the framework or Node raises by itself, and the row that answers them on the vendor's paths.
 * Anything that is not listed is a defect and becomes GATEWAY_UNEXPECTED_ERROR.
 */
const FOREIGN_ERRORS = new Map<string, CatalogueKey>([
  // A Content-Type that is not of the form type/subtype. Fastify refuses it before any handler.
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'STT_CONTENT_TYPE_INVALID'],
  // "protocol or encoding problems of the request" (contract.md 4.1)
  ['FST_ERR_BAD_URL', 'GATEWAY_BAD_REQUEST'],
  ['FST_ERR_ROUTE_MISSING_CONTENT_TYPE', 'GATEWAY_URL_NOT_FOUND']
])

/** The catalogue key for an error that is not ours, or undefined when nobody foresaw it. */
export function keyOfForeignError (error: unknown): CatalogueKey | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? FOREIGN_ERRORS.get(code) : undefined
}
