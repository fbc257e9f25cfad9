import { Validator } from '@seriousme/openapi-schema-validator'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { buildOpenapi } from '../../scripts/openapi.ts'
import { CATALOGUE, rowOf, type CatalogueKey } from '../../src/errors/catalogue.ts'
import { renderError } from '../../src/errors/error-body.ts'

interface Answer {
  content: { 'application/json': { examples: Record<string, { value: unknown }> } }
}

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Answer> }>>
}

const committed = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')
const { paths } = parse(committed) as Document
const answers = paths['/recog/v1/stt']!['post']!.responses
const vendorKeys = (Object.keys(CATALOGUE) as CatalogueKey[]).filter((key) => rowOf(key).layer !== 'admin')

t.test('openapi.yaml is what the schemas of the routes give', async (t) => {
  t.equal(committed, await buildOpenapi(), 'run `npm run generate` after a change of a schema')
})

t.test('openapi.yaml is a valid OpenAPI document', async (t) => {
  const result = await new Validator().validate(parse(committed) as Record<string, unknown>)
  t.strictSame(result.errors, undefined)
  t.ok(result.valid)
})

t.test('openapi.yaml lists the routes and nothing else', async (t) => {
  t.strictSame(
    Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).sort(),
    ['get /_emulator/health', 'get /_emulator/ready', 'post /recog/v1/stt']
  )
})

t.test('the STT route lists 200 and every status of the catalogue', async (t) => {
  const statuses = new Set(vendorKeys.map((key) => String(rowOf(key).httpStatus)))
  t.strictSame(Object.keys(answers).sort(), ['200', ...statuses].sort())
})

t.test('every row of the catalogue has an example, and its body is the one on the wire', async (t) => {
  for (const key of vendorKeys) {
    const { httpStatus, body } = renderError(key, 'nested')
    const example = answers[httpStatus]?.content['application/json'].examples[key]
    t.equal(JSON.stringify(example?.value), body, key)
  }
})
