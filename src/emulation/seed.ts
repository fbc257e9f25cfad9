/** The seed file: what the emulator knows when it starts. */
import { readFileSync } from 'node:fs'
import type { FromSchema } from 'json-schema-to-ts'

export const SEED_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    applications: {
      type: 'array',
      description: 'The only applications that are accepted. Without any, every non-empty pair of keys is.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['clientId', 'clientSecret'],
        properties: {
          clientId: { type: 'string', minLength: 1, description: 'Value of X-NCP-APIGW-API-KEY-ID.' },
          clientSecret: { type: 'string', minLength: 1, description: 'Value of X-NCP-APIGW-API-KEY.' },
          state: {
            type: 'string',
            enum: ['active', 'not_subscribed', 'not_selected'],
            description: '`active` may call; the others answer 401/210 and 429/400.'
          },
          ratePerSecond: { type: 'integer', minimum: 1, description: 'Requests per second; one more answers 429.' },
          dailyQuotaSeconds: { type: 'integer', minimum: 0, description: 'Audio seconds per day (KST).' },
          monthlyQuotaSeconds: { type: 'integer', minimum: 0, description: 'Audio seconds per month (KST).' }
        }
      }
    }
  }
} as const

export type Seed = FromSchema<typeof SEED_SCHEMA>

/** Either the seed, or all that is wrong with it, one line each. */
export type SeedResult = { seed: Seed } | { problems: string[] }

/**
 * Reads and checks a seed file. JSON is read as JSON, everything else as YAML (of which JSON is a part).
 *
 * No problem that is reported ever quotes a value: the file holds secrets.
 */
export async function loadSeed (path: string): Promise<SeedResult> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return { problems: [`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`] }
  }
  let content: unknown
  try {
    content = path.endsWith('.json') ? JSON.parse(text) : (await import('yaml')).parse(text, { prettyErrors: false })
  } catch (error) {
    return { problems: [`${path}: ${path.endsWith('.json') ? 'not JSON' : 'not YAML'}${positionOf(error)}`] }
  }
  const problems = await problemsOf(content ?? {})
  return problems.length > 0
    ? { problems: problems.map((problem) => `${path}: ${problem}`) }
    : { seed: (content ?? {}) as Seed }
}

/** Where the parser stopped. Its own message would quote the text around it. */
function positionOf (error: unknown): string {
  const { pos } = error as { pos?: [number, number] }
  const position = pos?.[0] ?? /position (\d+)/.exec(String(error))?.[1]
  return position === undefined ? '' : ` (character ${position})`
}

async function problemsOf (content: unknown): Promise<string[]> {
  // Loaded here because most starts have no seed file, and Ajv takes longer to load than everything else of ours.
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ allErrors: true, strict: true })
  const validate = ajv.compile(SEED_SCHEMA)
  if (!validate(content)) {
    return (validate.errors ?? []).map(({ instancePath, keyword, message, params }) => {
      const field = instancePath.slice(1).replaceAll('/', '.') || 'the file'
      if (keyword === 'additionalProperties') return `${field}: has no "${params['additionalProperty']}"`
      if (keyword === 'enum') return `${field}: must be one of ${(params['allowedValues'] as string[]).join(', ')}`
      return `${field}: ${message}`
    })
  }
  const ids = ((content as Seed).applications ?? []).map(({ clientId }) => clientId)
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))]
    .map((id) => `applications: client id "${id}" stands there more than once`)
}
