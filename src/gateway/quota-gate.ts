import type { FastifyRequest } from 'fastify'
import type { Quota } from '../emulation/quota.ts'
import { ApiError } from '../errors/api-error.ts'

/**
 * Lets a call through while there are audio seconds left. It only reads: what a call costs is known after decoding,
 * so the service charges it.
 *
 * @throws GATEWAY_QUOTA_EXCEEDED when the day's or the month's seconds are used up
 */
export function createQuotaGate (quota: Quota) {
  return async (request: FastifyRequest): Promise<void> => {
    const limit = quota.exhaustedLimit(request.application)
    if (limit !== undefined) {
      throw new ApiError('GATEWAY_QUOTA_EXCEEDED', { reason: `the ${limit} quota is used up` })
    }
  }
}
