import type { VendorKey } from './catalogue.ts'

interface ForeignRow {
  key: VendorKey
  /** For the log: what the caller did. */
  reason: string
}

/**
 * Errors that the framework or Node raises by itself, and the row that answers them on the vendor's paths.
 * Anything that is not listed is a defect of ours.
 */
const FOREIGN_ERRORS: ReadonlyMap<unknown, ForeignRow> = new Map([
  // Fastify refuses it before any handler.
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', {
    key: 'STT_CONTENT_TYPE_INVALID',
    reason: 'the Content-Type is not of the form type/subtype: send Content-Type: application/octet-stream'
  }],
  // "protocol or encoding problems of the request" (fidelity.md, source 4.1)
  ['FST_ERR_BAD_URL', { key: 'GATEWAY_BAD_REQUEST', reason: 'the URL cannot be decoded' }]
])

/** The row for an error that is not ours, or undefined when nobody foresaw it. */
export function findForeignRow (error: unknown): ForeignRow | undefined {
  return FOREIGN_ERRORS.get((error as { code?: unknown } | null)?.code)
}
