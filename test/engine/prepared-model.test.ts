import t from 'tap'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareModel } from '../../src/engine/vosk/prepared-model.ts'

t.test('a model without dither is used as it is', async (t) => {
  for (const options of ['--dither=0', '--use-energy=false\n--dither=0.0\n', '  --dither = 0.00']) {
    const path = t.testdir({ conf: { 'mfcc.conf': options } })
    const model = prepareModel(path)
    t.equal(model.path, path, options)
    model.release()
    t.ok(existsSync(path), 'release leaves it alone')
  }
})

t.test('any other model is loaded through links, with dither switched off', async (t) => {
  const cases: [name: string, options: string, expected: string][] = [
    ['Kaldi\'s default', '--use-energy=false\n', '--use-energy=false\n--dither=0\n'],
    ['switched on', '--dither=1.0\n--num-ceps=40', '\n--num-ceps=40\n--dither=0\n'],
    ['switched off and on again', '--dither=0\n--dither=0.5', '\n\n--dither=0\n'],
    ['an empty value', '--dither=', '\n--dither=0\n'],
    ['an empty file', '', '\n--dither=0\n']
  ]
  for (const [name, options, expected] of cases) {
    await t.test(name, async (t) => {
      const path = t.testdir({
        am: { 'final.mdl': 'acoustic' },
        conf: { 'mfcc.conf': options, 'model.conf': '--lattice-beam=2.0' },
        graph: { phones: { 'word_boundary.int': '1' } },
        README: 'words'
      })
      const model = prepareModel(path)
      t.not(model.path, path)
      t.equal(readFileSync(join(model.path, 'conf/mfcc.conf'), 'utf8').trim(), expected.trim())
      t.equal(readFileSync(join(model.path, 'conf/model.conf'), 'utf8'), '--lattice-beam=2.0')
      t.equal(readFileSync(join(model.path, 'graph/phones/word_boundary.int'), 'utf8'), '1')
      t.strictSame(readdirSync(model.path).sort(), ['README', 'am', 'conf', 'graph'])
      t.equal(readFileSync(join(path, 'conf/mfcc.conf'), 'utf8'), options, 'the model itself is not changed')
      model.release()
      t.notOk(existsSync(model.path), 'nothing is left behind')
      t.ok(existsSync(join(path, 'am/final.mdl')), 'and nothing behind the links is removed')
    })
  }
})

t.test('the old layout has its feature options at the top', async (t) => {
  const path = t.testdir({ 'mfcc.conf': '--use-energy=false', 'final.mdl': 'acoustic' })
  const model = prepareModel(path)
  t.equal(readFileSync(join(model.path, 'mfcc.conf'), 'utf8'), '--use-energy=false\n--dither=0\n')
  t.equal(readFileSync(join(model.path, 'final.mdl'), 'utf8'), 'acoustic')
  model.release()
})

t.test('the lattice is kept narrow, unless the model is rescored', async (t) => {
  const quiet = { 'mfcc.conf': '--dither=0' }
  const cases: [name: string, model: object, expected: string][] = [
    ['Kaldi\'s default', { conf: { ...quiet, 'model.conf': '--beam=13.0\n' } }, '--beam=13.0\n--lattice-beam=2\n'],
    ['wide', { conf: { ...quiet, 'model.conf': '--lattice-beam=6.0\n--beam=13.0\n' } }, '\n--beam=13.0\n--lattice-beam=2\n'],
    ['narrower already', { conf: { ...quiet, 'model.conf': '--lattice-beam=1.5' } }, '--lattice-beam=1.5'],
    ['rescored', { conf: { ...quiet, 'model.conf': '--lattice-beam=6.0' }, rescore: {} }, '--lattice-beam=6.0']
  ]
  for (const [name, files, expected] of cases) {
    const model = prepareModel(t.testdir(files as Parameters<typeof t.testdir>[0]))
    t.equal(readFileSync(join(model.path, 'conf/model.conf'), 'utf8'), expected, name)
    t.equal(readFileSync(join(model.path, 'conf/mfcc.conf'), 'utf8'), '--dither=0', `${name}: features`)
    model.release()
  }
})
