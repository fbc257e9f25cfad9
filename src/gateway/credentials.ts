import type { FastifyRequest } from 'fastify'
import type { Application, Applications } from '../emulation/applications.ts'
import { ApiError } from '../errors/api-error.ts'

/** The headers that carry credentials, in lower case as Node gives them. Never logged, never kept. */
export const CLIENT_ID_HEADER = 'x-ncp-apigw-api-key-id'
export const CLIENT_SECRET_HEADER = 'x-ncp-apigw-api-key'

declare module 'fastify' {
  interface FastifyRequest {
    application: Application
  }
}

/**
 * Finds out who calls.
 *
 * @throws GATEWAY_CREDENTIALS_MISSING when a key header is absent or empty
 * @throws GATEWAY_CREDENTIALS_INVALID when no application has that pair
 */
export function createCredentialsStage (applications: Applications) {
  return async (request: FastifyRequest): Promise<void> => {
    const clientId = valueOf(request, CLIENT_ID_HEADER)
    const clientSecret = valueOf(request, CLIENT_SECRET_HEADER)
    if (clientId === '' || clientSecret === '') {
      throw new ApiError('GATEWAY_CREDENTIALS_MISSING', { reason: reasonForMissing(request, clientId, clientSecret) })
    }
    const application = applications.authenticate(clientId, clientSecret)
    if (application === undefined) {
      throw new ApiError('GATEWAY_CREDENTIALS_INVALID', {
        reason: 'no application in the seed has this client id with this secret'
      })
    }
    request.application = application
    request.exchange.clientId = application.clientId
  }
}

function valueOf (request: FastifyRequest, header: string): string {
  const value = request.headers[header]
  return typeof value === 'string' ? value.trim() : ''
}

/** Names the mistake without quoting what was sent: it may be the secret. */
function reasonForMissing (request: FastifyRequest, clientId: string, clientSecret: string): string {
  if (clientId === '' && clientSecret === '') {
    return `neither ${CLIENT_ID_HEADER} nor ${CLIENT_SECRET_HEADER} has a value`
  }
  if (clientId === '') return `${CLIENT_SECRET_HEADER} is there, ${CLIENT_ID_HEADER} has no value`
  const sentTwice = request.raw.rawHeaders.filter((each) => each.toLowerCase() === CLIENT_ID_HEADER).length > 1
  return sentTwice
    ? `${CLIENT_ID_HEADER} was sent twice and ${CLIENT_SECRET_HEADER} not at all: the secret belongs into the second`
    : `${CLIENT_ID_HEADER} is there, ${CLIENT_SECRET_HEADER} has no value`
}
