import type { FastifyRequest } from 'fastify'
import type { SubscriptionState } from '../emulation/applications.ts'
import { ApiError } from '../errors/api-error.ts'
import type { VendorKey } from '../errors/catalogue.ts'

/** Which row refuses an application in that state (fidelity.md, source 4.3). */
const REFUSALS: Readonly<Record<SubscriptionState, VendorKey | undefined>> = {
  active: undefined,
  not_subscribed: 'GATEWAY_NOT_SUBSCRIBED',
  not_selected: 'GATEWAY_NOT_SELECTED'
}

/**
 * Lets only applications through that may call CSR.
 *
 * @throws GATEWAY_NOT_SUBSCRIBED, GATEWAY_NOT_SELECTED by the application's state
 */
export async function subscriptionStage (request: FastifyRequest): Promise<void> {
  const { state } = request.application
  const key = REFUSALS[state]
  if (key === undefined) return
  throw new ApiError(key, { reason: `the application is in state ${state}` })
}
