import t from 'tap'
import { join } from 'node:path'
import { loadSeed } from '../../src/emulation/seed.ts'

const SECRET = 'do-not-print-me'
const one = { clientId: 'a', clientSecret: SECRET }

type Case = [name: string, file: string, content: string, expected: { seed: unknown } | { problems: string[] }]

const cases: Case[] = [
  ['JSON', 'seed.json', JSON.stringify({ applications: [one] }), { seed: { applications: [one] } }],
  ['YAML', 'seed.yaml', `applications:\n  - clientId: a\n    clientSecret: ${SECRET}\n    state: not_selected\n    ratePerSecond: 5\n    dailyQuotaSeconds: 0\n    monthlyQuotaSeconds: 100\n`,
    { seed: { applications: [{ ...one, state: 'not_selected', ratePerSecond: 5, dailyQuotaSeconds: 0, monthlyQuotaSeconds: 100 }] } }],
  ['an empty YAML file', 'seed.yml', '', { seed: {} }],
  ['JSON in a file of another name', 'seed', JSON.stringify({ applications: [] }), { seed: { applications: [] } }],
  ['broken JSON', 'seed.json', `{"applications": [${SECRET}`, { problems: ['is neither JSON nor YAML from line 1 on'] }],
  ['broken YAML', 'seed.yaml', `applications:\n  - clientSecret: ${SECRET}\n  - [`, { problems: ['is neither JSON nor YAML from line 3 on'] }],
  ['not an object', 'seed.json', '[]', { problems: ['the file: must be object'] }],
  ['an unknown field', 'seed.json', JSON.stringify({ application: [] }), { problems: ['the file: has a field of another name than applications'] }],
  ['everything wrong at once', 'seed.json',
    JSON.stringify({ applications: [{ clientId: '', clientSecret: 1, state: SECRET, ratePerSecond: 0, extra: 1 }, {}] }),
    {
      problems: [
        'applications.0: has a field of another name than clientId, clientSecret, state, ratePerSecond, ' +
          'dailyQuotaSeconds, monthlyQuotaSeconds',
        'applications.0.clientId: must NOT have fewer than 1 characters',
        'applications.0.clientSecret: must be string',
        'applications.0.state: must be one of active, not_subscribed, not_selected',
        'applications.0.ratePerSecond: must be >= 1',
        'applications.1: must have required property \'clientId\'',
        'applications.1: must have required property \'clientSecret\''
      ]
    }],
  ['a number as text is not a number', 'seed.json', JSON.stringify({ applications: [{ ...one, ratePerSecond: '5' }] }),
    { problems: ['applications.0.ratePerSecond: must be integer'] }],
  ['the same client id twice', 'seed.json', JSON.stringify({ applications: [one, one, one] }),
    { problems: ['applications.1: has the same clientId as applications.0', 'applications.2: has the same clientId as applications.0'] }]
]

t.test('loads a seed, or says all that is wrong with it', async (t) => {
  for (const [name, file, content, expected] of cases) {
    await t.test(name, async (t) => {
      const path = join(t.testdir({ [file]: content }), file)
      const result = await loadSeed(path)
      if ('seed' in expected) {
        t.strictSame(result, expected)
        return
      }
      const problems = 'problems' in result ? result.problems : []
      t.strictSame(problems.map((problem) => problem.replace(`${path}: `, '')).toSorted(), expected.problems.toSorted())
      t.notMatch(JSON.stringify(result), SECRET, 'never quotes a value')
    })
  }
})

t.test('a file that is not there', async (t) => {
  const path = join(t.testdir({}), 'none.json')
  t.strictSame(await loadSeed(path), { problems: [`${path}: cannot be read (ENOENT)`] })
})
