import t from 'tap'
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestModel } from '../../src/engine/vosk/model-digest.ts'
import { createTestEngine, needsLibrary, STARTER_ENG } from '../helpers/engine.ts'

const MODEL = {
  am: { 'final.mdl': 'acoustic' },
  conf: { 'mfcc.conf': '--dither=0', 'model.conf': '--beam=13' },
  graph: { 'HCLG.fst': 'graph', phones: { 'word_boundary.int': '1' } }
}
const OLD_MODEL = { 'final.mdl': 'acoustic', 'mfcc.conf': '--dither=0', 'HCLG.fst': 'graph', ivector: { 'final.ie': 'x' } }

type Files = Parameters<typeof t.testdir>[0]

t.test('the same files give the same digest, wherever they lie', async (t) => {
  const digest = await digestModel(t.testdir(MODEL as Files))
  t.match(digest, /^[0-9a-f]{16}$/)
  t.equal(await digestModel(join(t.testdir({ other: MODEL } as Files), 'other')), digest)
  t.equal(await digestModel(`${t.testdir({ other: MODEL } as Files)}/other/`), digest)
})

t.test('documents and examples beside it change nothing; everything that libvosk reads does', async (t) => {
  const changes: [name: string, files: object, isSame: boolean][] = [
    ['README', { ...MODEL, README: 'words' }, true],
    ['an example', { ...MODEL, 'example.wav': 'sound' }, true],
    ['an acoustic model', { ...MODEL, am: { 'final.mdl': 'Acoustic' } }, false],
    ['an option', { ...MODEL, conf: { ...MODEL.conf, 'model.conf': '--beam=12' } }, false],
    ['a file deep down', { ...MODEL, graph: { ...MODEL.graph, phones: { 'word_boundary.int': '2' } } }, false],
    ['a file more', { ...MODEL, ivector: { 'final.ie': '' } }, false],
    ['a file less', { ...MODEL, graph: { 'HCLG.fst': 'graph' } }, false],
    ['another name', { ...MODEL, am: { 'final2.mdl': 'acoustic' } }, false]
  ]
  const digest = await digestModel(t.testdir(MODEL as Files))
  for (const [name, files, isSame] of changes) {
    t.equal(await digestModel(t.testdir(files as Files)) === digest, isSame, name)
  }
})

t.test('no byte can move from the end of a file into the next', async (t) => {
  const one = await digestModel(t.testdir({ am: { a: 'x', b: '' } }))
  const other = await digestModel(t.testdir({ am: { a: '', b: 'x' } }))
  const third = await digestModel(t.testdir({ am: { a: 'xam/b\n0\n' } }))
  t.equal(new Set([one, other, third]).size, 3)
})

t.test('the old layout is read at its top', async (t) => {
  const digest = await digestModel(t.testdir(OLD_MODEL as Files))
  t.equal(await digestModel(t.testdir({ ...OLD_MODEL, README: '' } as Files)), digest)
  t.not(await digestModel(t.testdir({ ...OLD_MODEL, 'HCLG.fst': 'other' } as Files)), digest)
  t.not(await digestModel(t.testdir({ ...OLD_MODEL, ivector: {} } as Files)), digest)
})

t.test('links count as what they lead to, and not at all when they lead nowhere or back', async (t) => {
  const folder = t.testdir({ model: MODEL, linked: {} } as Files)
  const [model, linked] = [join(folder, 'model'), join(folder, 'linked')]
  for (const name of Object.keys(MODEL)) symlinkSync(join(model, name), join(linked, name), 'junction')
  const digest = await digestModel(model)
  t.equal(await digestModel(linked), digest)
  symlinkSync(join(folder, 'nowhere'), join(model, 'am/dangling'))
  t.equal(await digestModel(model), digest)
  symlinkSync(model, join(model, 'rescore'), 'junction')
  t.match(await digestModel(model), /^[0-9a-f]{16}$/, 'it comes to an end')
})

t.test('a folder that has gone has the digest of nothing', async (t) => {
  t.equal(await digestModel(join(t.testdir({}), 'nowhere')), await digestModel(t.testdir({})))
})

t.test('an engine tells its identity once, whatever becomes of the folder', needsLibrary, async (t) => {
  const folder = join(t.testdir({}), 'model')
  cpSync(STARTER_ENG, folder, { recursive: true })
  const engine = createTestEngine(t, { models: new Map([['eng', folder]]) })
  const identity = await engine.identityOf('eng')
  t.equal(identity?.modelDigest, await digestModel(STARTER_ENG))
  await engine.loaded
  writeFileSync(join(folder, 'conf/model.conf'), '')
  rmSync(join(folder, 'am'), { recursive: true })
  t.strictSame(await engine.identityOf('eng'), identity)
  t.equal(await engine.identityOf('kor'), undefined, 'no model')
})

t.test('the name of the engine has the version of the library that the package brings', needsLibrary, async (t) => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    devDependencies: { vosk: string }
  }
  const { engine } = await createTestEngine(t).identityOf('eng') ?? {}
  t.equal(engine?.replace(/\+\d+$/, ''), `vosk-${devDependencies.vosk}`,
    'another library may write other texts: change the name with it')
})

t.test('without a library there is nothing to identify', async (t) => {
  const engine = createTestEngine(t, { library: { problem: 'none' } })
  t.equal(await engine.identityOf('eng'), undefined)
})
