/** The seed file: what the emulator knows when it starts. */
import { readFileSync } from 'node:fs'
import type { FromSchema } from 'json-schema-to-ts'

const SEED_SCHEMA = {
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

type Seed = FromSchema<typeof SEED_SCHEMA>

/** Either the seed, or all that is wrong with it, one line each. */
export type SeedResult = { seed: Seed } | { problems: string[] }

/**
 * Reads and checks a seed file, YAML or JSON (which YAML contains).
 *
 * No problem that is reported ever quotes a value: the file holds secrets.
 */
export async function loadSeed (path: string): Promise<SeedResult> {
  if (/[\n{]/.test(path)) return { problems: ['takes the path of a file, not what stands in it'] }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return { problems: [`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`] }
  }
  // Loaded here because most starts have no seed file.
  const { parse, YAMLParseError } = await import('yaml')
  let content: unknown
  try {
    // Warnings quote too, and would go straight to standard error.
    content = parse(text, { prettyErrors: false, logLevel: 'error' }) ?? {}
  } catch (error) {
    // The parser's own message would quote the text around the place.
    const place = error instanceof YAMLParseError ? ` from line ${lineOf(text, error.pos[0])} on` : ''
    return { problems: [`${path}: is neither JSON nor YAML${place}`] }
  }
  const problems = await problemsOf(content)
  return problems.length > 0 ? { problems: problems.map((problem) => `${path}: ${problem}`) } : { seed: content as Seed }
}

function lineOf (text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

async function problemsOf (content: unknown): Promise<string[]> {
  // Loaded here like the parser: it takes longer to load than everything else of ours.
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ allErrors: true, strict: true, verbose: true })
  const validate = ajv.compile(SEED_SCHEMA)
  if (!validate(content)) {
    return (validate.errors ?? []).map(({ instancePath, keyword, message, params, parentSchema }) => {
      const field = instancePath.slice(1).replaceAll('/', '.') || 'the file'
      if (keyword === 'additionalProperties') {
        const names = Object.keys((parentSchema as { properties: object }).properties).join(', ')
        return `${field}: has a field of another name than ${names}`
      }
      if (keyword === 'enum') return `${field}: must be one of ${(params['allowedValues'] as string[]).join(', ')}`
      return `${field}: ${message}`
    })
  }
  const ids = ((content as Seed).applications ?? []).map(({ clientId }) => clientId)
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id)
    return first === index ? [] : [`applications.${index}: has the same clientId as applications.${first}`]
  })
}
