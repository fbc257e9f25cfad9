import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { buildConfigPage, buildErrorsPage } from '../../scripts/docs.ts'
import { SETTINGS, variableOf, type SettingName } from '../../src/config.ts'
import { CATALOGUE, rowOf, type CatalogueKey } from '../../src/errors/catalogue.ts'
import { renderError } from '../../src/errors/error-body.ts'

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const errorsPage = page('errors.md')
const configPage = page('config.md')

t.test('docs/errors.md is what the catalogue gives', async (t) => {
  t.equal(errorsPage, buildErrorsPage(), 'run `npm run generate` after a change of the catalogue')
})

t.test('docs/config.md is what the table of settings gives', async (t) => {
  t.equal(configPage, buildConfigPage(), 'run `npm run generate` after a change of the settings')
})

t.test('docs/errors.md shows every key with its bytes', async (t) => {
  const lines = errorsPage.split('\n')
  for (const key of Object.keys(CATALOGUE) as CatalogueKey[]) {
    const start = lines.indexOf(`### ${key}`)
    t.ok(start >= 0, `${key} has a section`)
    const shapes = rowOf(key).layer === 'service' ? ['nested', 'flat'] as const : ['nested'] as const
    const expected = shapes.map((shape) => {
      const { httpStatus, body } = renderError(key, shape)
      return `${httpStatus} ${body}`
    })
    t.strictSame(lines.slice(start + 3, start + 3 + expected.length), expected, key)
  }
})

t.test('docs/config.md shows every setting, and no number of this machine', async (t) => {
  const rows = configPage.split('\n').filter((line) => line.startsWith('| `CSR_'))
  t.strictSame(
    rows.map((row) => /`(CSR_\w+)`/.exec(row)?.[1]),
    (Object.keys(SETTINGS) as SettingName[]).map(variableOf)
  )
  t.match(rows.find((row) => row.includes('`CSR_WORKERS`')), '| number of cores |')
})

t.test('no page points at a file that does not exist', async (t) => {
  const root = new URL('../../', import.meta.url)
  const pages = ['', 'docs/', 'docs/adr/', 'models/', 'models/starter/eng/']
    .flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => folder + name))
    .filter((name) => name.endsWith('.md'))
  for (const name of pages) {
    const url = new URL(name, root)
    const links = [...readFileSync(url, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!)
    for (const link of links.filter((each) => !/^[a-z]+:/.test(each))) {
      t.ok(existsSync(new URL(link, url)), `${name} → ${link}`)
    }
  }
})
