/** What openapi.yaml says of the route. It validates nothing: `checks.ts` does, in the vendor's order and words. */
import { CATALOGUE, rowOf, type CatalogueKey } from '../errors/catalogue.ts'
import { renderError } from '../errors/error-body.ts'
import { WIRE_LANGUAGES } from './languages.ts'

const keys = (Object.keys(CATALOGUE) as CatalogueKey[]).filter((key) => rowOf(key).layer !== 'admin')

const TRACE_ID = {
  'x-ncp-trace-id': { type: 'string', pattern: '^[0-9a-z]{26}$', description: 'On every answer; in the log under traceId.' }
}

function errorResponse (httpStatus: number) {
  const rows = keys.filter((key) => rowOf(key).httpStatus === httpStatus)
  return {
    description: [...new Set(rows.map((key) => `${rowOf(key).errorCode} ${rowOf(key).message}`))].join('; '),
    headers: TRACE_ID,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          description: 'Nested for gateway errors; for STT errors nested or, by CSR_STT_ERROR_SHAPE, flat.',
          properties: {
            error: {
              type: 'object',
              required: ['errorCode', 'message'],
              properties: {
                errorCode: { type: 'string' },
                message: { type: 'string' },
                details: { type: 'string' }
              }
            },
            errorCode: { type: 'string' },
            errorMessage: { type: 'string' }
          }
        },
        examples: Object.fromEntries(rows.map((key) => [key, {
          summary: rowOf(key).when,
          value: JSON.parse(renderError(key, 'nested').body) as unknown
        }]))
      }
    }
  }
}

const statuses = [...new Set(keys.map((key) => rowOf(key).httpStatus))].sort((a, b) => a - b)

export const STT_SCHEMA = {
  operationId: 'recognize',
  summary: 'Speech of at most 60 seconds to text',
  description: 'The emulated CSR call. Errors come in the order of docs/fidelity.md; the first that applies answers.',
  tags: ['CSR'],
  security: [{ clientId: [], clientSecret: [] }],
  consumes: ['application/octet-stream'],
  querystring: {
    type: 'object',
    required: ['lang'],
    properties: {
      lang: { type: 'string', enum: Object.keys(WIRE_LANGUAGES), description: 'Language of the speech.' }
    }
  },
  body: { type: 'string', format: 'binary', description: 'The audio file as it is, at most 3 MB.' },
  response: {
    200: {
      description: 'The transcript; silence is an empty text.',
      headers: TRACE_ID,
      content: {
        'application/json': {
          schema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
          examples: { speech: { value: { text: 'turn off the light please' } }, silence: { value: { text: '' } } }
        }
      }
    },
    ...Object.fromEntries(statuses.map((status) => [status, errorResponse(status)]))
  }
}
