/** Who may call: the applications of the console, looked up by their credentials. */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether the application may call CSR (fidelity.md, source 4.3). */
export type SubscriptionState = 'active' | 'not_subscribed' | 'not_selected'

export interface Application {
  clientId: string
  state: SubscriptionState
  /** Requests per second; none means no limit. */
  ratePerSecond?: number
  /** Audio seconds per day (KST) and month; none means no limit. */
  dailyQuotaSeconds?: number
  monthlyQuotaSeconds?: number
}

/** An application as the seed file gives it. */
export interface ApplicationSeed extends Omit<Application, 'state'> {
  clientSecret: string
  state?: SubscriptionState
}

export interface Applications {
  /** False until somebody configured one: then every non-empty pair of keys is accepted. */
  readonly isConfigured: boolean
  /** The application with that pair of keys, or undefined. Takes the same time for a wrong id and a wrong secret. */
  authenticate (clientId: string, clientSecret: string): Application | undefined
}

/** @param seeds none at all means that every pair of keys is accepted */
export function createApplications (seeds: readonly ApplicationSeed[]): Applications {
  const entries = new Map(seeds.map(({ clientSecret, ...seed }) => {
    const application: Application = { ...seed, state: seed.state ?? 'active' }
    return [application.clientId, { application, secretDigest: digestOf(clientSecret) }]
  }))
  const digestOfNobody = digestOf('')

  return {
    isConfigured: entries.size > 0,
    authenticate (clientId, clientSecret) {
      if (entries.size === 0) return { clientId, state: 'active' }
      const entry = entries.get(clientId)
      // Digests are of equal length, so the comparison tells neither the secret's length nor whether the id exists.
      const isSame = timingSafeEqual(digestOf(clientSecret), entry?.secretDigest ?? digestOfNobody)
      return isSame ? entry?.application : undefined
    }
  }
}

function digestOf (secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
