/** The emulator's own routes, under /_emulator: nothing here is the vendor's. */
import type { FastifyInstance } from 'fastify'

/** What the engine can do for one language. */
export interface LanguageStatus {
  lang: string
  /** `ready` only after the engine has answered a self-test sound. */
  state: 'loading' | 'ready' | 'failed' | 'absent'
  /** The model's folder, or why there is none. */
  detail: string
}

export interface AdminParts {
  version: string
  languages (): LanguageStatus[]
}

const statusSchema = (description: string, states: string[]) => ({
  description,
  type: 'object',
  required: ['status', 'version', 'languages'],
  additionalProperties: false,
  properties: {
    status: { type: 'string', enum: states },
    version: { type: 'string' },
    languages: {
      type: 'array',
      items: {
        type: 'object',
        required: ['lang', 'state', 'detail'],
        additionalProperties: false,
        properties: {
          lang: { type: 'string' },
          state: { type: 'string', enum: ['loading', 'ready', 'failed', 'absent'] },
          detail: { type: 'string' }
        }
      }
    }
  }
})

export async function admin (scope: FastifyInstance, { version, languages }: AdminParts): Promise<void> {
  scope.get('/_emulator/health', {
    schema: {
      operationId: 'health',
      summary: 'The process is alive',
      tags: ['Emulator'],
      response: {
        200: {
          description: 'Alive.',
          type: 'object',
          required: ['status', 'version'],
          additionalProperties: false,
          properties: { status: { type: 'string', enum: ['alive'] }, version: { type: 'string' } }
        }
      }
    }
  }, async () => ({ status: 'alive', version }))

  scope.get('/_emulator/ready', {
    schema: {
      operationId: 'ready',
      summary: 'A call will succeed: the engine has answered a self-test sound for every model that it has',
      tags: ['Emulator'],
      response: {
        200: statusSchema('Ready.', ['ready']),
        503: statusSchema('Not ready, and why.', ['loading', 'failed'])
      }
    }
  }, async (_request, reply) => {
    const all = languages()
    const present = all.filter(({ state }) => state !== 'absent')
    const status = present.some(({ state }) => state === 'loading')
      ? 'loading'
      : present.length > 0 && present.every(({ state }) => state === 'ready') ? 'ready' : 'failed'
    return reply.code(status === 'ready' ? 200 : 503).send({ status, version, languages: all })
  })
}
