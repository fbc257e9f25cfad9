/**
 * The API Gateway: its stages in the vendor's order (fidelity.md, source 6), then the services behind it. The order
 * of the lines is the order of the checks: scope hooks, the limiter's route hook, the quota gate before the body.
 */
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import { csrService, type CsrParts } from '../csr/stt-route.ts'
import type { Application, Applications } from '../emulation/applications.ts'
import { createCredentialsStage } from './credentials.ts'
import { createQuotaGate } from './quota-gate.ts'
import { addRateStage } from './rate.ts'
import { subscriptionStage } from './subscription.ts'

export interface GatewayParts extends CsrParts {
  applications: Applications
}

export async function gateway (scope: FastifyInstance, config: Config, parts: GatewayParts): Promise<void> {
  // Schemas are documentation here: Ajv would refuse in its own order and words (docs/adr/0001).
  scope.setValidatorCompiler(() => () => true)
  scope.decorateRequest('application', null as unknown as Application)

  scope.addHook('onRequest', createCredentialsStage(parts.applications))
  scope.addHook('onRequest', subscriptionStage)
  await addRateStage(scope, config.rateError)
  scope.addHook('preParsing', createQuotaGate(parts.quota))

  await scope.register((service) => csrService(service, config, parts))
}
