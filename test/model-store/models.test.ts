import t from 'tap'
import { cpSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findModel, problemOfModel } from '../../src/model-store/models.ts'

const starter = fileURLToPath(new URL('../../models/starter/eng', import.meta.url))
const kaldi = '\0B rest'
const fst = Buffer.from([0xd6, 0xfd, 0xb2, 0x7e, 0])

t.test('the configured folder wins, and a starter model may be missing', async (t) => {
  t.strictSame(findModel('/given', starter), { path: '/given', origin: 'configured' })
  t.strictSame(findModel('', starter), { path: starter, origin: 'starter' })
  t.equal(findModel('', join(t.testdir({}), 'none')), undefined)
})

t.test('the starter models are whole', async (t) => {
  t.equal(problemOfModel(starter), undefined)
})

t.test('names the file that is wrong', async (t) => {
  type Case = [name: string, damage: (folder: string) => void, problem: string | undefined]
  const cases: Case[] = [
    ['nothing wrong', () => {}, undefined],
    ['no folder', (folder) => { rmSync(folder, { recursive: true }) }, ': there is no such folder'],
    ['a file instead of a folder', (folder) => { rmSync(folder, { recursive: true }); writeFileSync(folder, '') }, ': there is no such folder'],
    ['no acoustic model', (folder) => { rmSync(join(folder, 'am'), { recursive: true }) },
      ': not a Vosk model, it has no am/final.mdl and no mfcc.conf'],
    ['an empty acoustic model', (folder) => { truncateSync(join(folder, 'am/final.mdl')) }, '/am/final.mdl: is empty'],
    ['another file in its place', (folder) => { writeFileSync(join(folder, 'am/final.mdl'), '<html>') },
      '/am/final.mdl: is not what it should be (wrong first bytes)'],
    ['no features', (folder) => { rmSync(join(folder, 'conf/mfcc.conf')) }, ': conf/mfcc.conf is missing'],
    ['no decoder options', (folder) => { rmSync(join(folder, 'conf/model.conf')) }, ': conf/model.conf is missing'],
    ['no graph', (folder) => { rmSync(join(folder, 'graph'), { recursive: true }) },
      ': graph/HCLG.fst or graph/HCLr.fst with graph/Gr.fst is missing'],
    ['a graph that is none', (folder) => { writeFileSync(join(folder, 'graph/HCLG.fst'), 'zip') },
      '/graph/HCLG.fst: is not what it should be (wrong first bytes)'],
    ['a folder in place of a file', (folder) => {
      rmSync(join(folder, 'graph/HCLG.fst'))
      cpSync(join(folder, 'conf'), join(folder, 'graph/HCLG.fst'), { recursive: true })
    }, '/graph/HCLG.fst: cannot be read (EISDIR)'],
    ['a graph in two parts', (folder) => {
      rmSync(join(folder, 'graph/HCLG.fst'))
      writeFileSync(join(folder, 'graph/HCLr.fst'), fst)
      writeFileSync(join(folder, 'graph/Gr.fst'), fst)
    }, undefined],
    ['half of a graph in two parts', (folder) => {
      rmSync(join(folder, 'graph/HCLG.fst'))
      writeFileSync(join(folder, 'graph/HCLr.fst'), fst)
    }, ': graph/HCLG.fst or graph/HCLr.fst with graph/Gr.fst is missing']
  ]
  for (const [name, damage, problem] of cases) {
    const folder = join(t.testdir({}), 'model')
    cpSync(starter, folder, { recursive: true })
    damage(folder)
    t.equal(problemOfModel(folder), problem && folder + problem, name)
  }
})

t.test('the old layout has everything in one folder', async (t) => {
  const whole = t.testdir({ 'mfcc.conf': '--use-energy=false', 'final.mdl': kaldi, 'HCLG.fst': fst })
  t.equal(problemOfModel(whole), undefined)
  const part = t.testdir({ 'mfcc.conf': '--use-energy=false', 'final.mdl': kaldi })
  t.equal(problemOfModel(part), `${part}: HCLG.fst or HCLr.fst with Gr.fst is missing`)
})
