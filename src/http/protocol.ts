import type { FastifyInstance } from 'fastify'
import { ApiError } from '../errors/api-error.ts'

/**
 * Refuses what is HTTP for the parser but not for a gateway.
 *
 * @throws GATEWAY_BAD_REQUEST for an HTTP/1.1 request without Host (RFC 9112, 3.2)
 */
export function addProtocolChecks (app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.headers.host === undefined && raw.httpVersion === '1.1') {
      throw new ApiError('GATEWAY_BAD_REQUEST', { reason: 'an HTTP/1.1 request must have a Host header' })
    }
  })
}
