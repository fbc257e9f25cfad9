import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../errors/api-error.ts'

const WINDOW_MS = 1000

const NO_HEADERS = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
  'retry-after': false
}

/**
 * Counts requests per application and second, for all routes that are added to the scope afterwards. The limiter's
 * hook is a route hook, so it runs after the scope's own stages and knows the application.
 *
 * @throws GATEWAY_RATE_LIMITED or GATEWAY_THROTTLE_LIMITED, by setting, when the window is full
 */
export async function addRateStage (scope: FastifyInstance, rateError: '420' | '410'): Promise<void> {
  await scope.register(rateLimit, {
    timeWindow: WINDOW_MS,
    max: (request) => request.application.ratePerSecond ?? Infinity,
    allowList: (request) => request.application.ratePerSecond === undefined,
    keyGenerator: (request) => request.application.clientId,
    // The vendor sends none of them (fidelity.md, source 5).
    addHeaders: NO_HEADERS,
    addHeadersOnExceeding: NO_HEADERS,
    errorResponseBuilder: (request) => {
      const reason = `more than ${request.application.ratePerSecond} requests in a second`
      return rateError === '410'
        ? new ApiError('GATEWAY_THROTTLE_LIMITED', { reason })
        : new ApiError('GATEWAY_RATE_LIMITED', { reason })
    }
  })
}
