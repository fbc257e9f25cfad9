import t from 'tap'
import { cpSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiError } from '../../src/errors/api-error.ts'
import { createTestEngine, examplePcm, EXAMPLE_TEXT, needsLibrary, STARTER_ENG } from '../helpers/engine.ts'

const never = new AbortController().signal
const silence = (samples = 16_000) => ({ samples: new Int16Array(samples), durationMs: samples / 16 })

/** How a call was refused. */
async function refusal (call: Promise<unknown>): Promise<[key: string, reason: string | undefined]> {
  try {
    await call
    return ['it was not refused', undefined]
  } catch (error) {
    const { key, reason } = error as ApiError
    return [key ?? String(error), reason]
  }
}

t.test('recognises speech, and silence as nothing', needsLibrary, async (t) => {
  const engine = createTestEngine(t)
  t.strictSame(engine.stateOf('eng'), { state: 'loading', path: STARTER_ENG })
  t.strictSame(await engine.recognize(examplePcm(), 'eng', never), [EXAMPLE_TEXT])
  t.strictSame(await engine.recognize(silence(), 'eng', never), [])
  t.strictSame(await engine.recognize(silence(0), 'eng', never), [])
  await engine.loaded
  t.strictSame(engine.stateOf('eng'), { state: 'ready', path: STARTER_ENG })
})

t.test('an utterance ends where silence is; several come in their order', needsLibrary, async (t) => {
  const engine = createTestEngine(t)
  const gap = new Int16Array(32_000)
  const [first, second] = [examplePcm(), examplePcm()]
  const samples = Int16Array.of(...first.samples, ...gap, ...second.samples)
  t.strictSame(await engine.recognize({ samples, durationMs: 0 }, 'eng', never), [EXAMPLE_TEXT, EXAMPLE_TEXT])
})

t.test('the same sound gives the same text, one after the other and side by side', needsLibrary, async (t) => {
  const engine = createTestEngine(t)
  const texts = new Set<string>()
  for (let index = 0; index < 30; index++) texts.add((await engine.recognize(examplePcm(2), 'eng', never)).join('|'))
  const calls = Array.from({ length: 100 }, () => engine.recognize(examplePcm(2), 'eng', never))
  for (const utterances of await Promise.all(calls)) texts.add(utterances.join('|'))
  t.equal(texts.size, 1)
})

t.test('a model whose features are dithered is made repeatable and leaves nothing behind', needsLibrary, async (t) => {
  const folder = join(t.testdir({}), 'model')
  cpSync(STARTER_ENG, folder, { recursive: true })
  writeFileSync(join(folder, 'conf/mfcc.conf'), '--sample-frequency=16000\n--use-energy=false\n--num-mel-bins=40\n' +
    '--num-ceps=40\n--low-freq=20\n--high-freq=7600\n--dither=1.0\n')
  const linksBefore = readdirSync(tmpdir()).filter((name) => name.startsWith('csr-emulator-model-'))
  const engine = createTestEngine(t, { models: new Map([['eng', folder]]) })
  const texts = new Set<string>()
  for (let index = 0; index < 20; index++) texts.add((await engine.recognize(examplePcm(), 'eng', never)).join('|'))
  t.strictSame([...texts], [EXAMPLE_TEXT])
  const linksAfter = readdirSync(tmpdir()).filter((name) => name.startsWith('csr-emulator-model-'))
  t.strictSame(linksAfter.filter((name) => !linksBefore.includes(name)), [])
})

t.test('without a model or a library the call answers STT998 and says why', async (t) => {
  const absent = createTestEngine(t, { models: new Map() })
  t.strictSame(await refusal(absent.recognize(silence(), 'kor', never)),
    ['STT_RECOGNITION_FAILED', 'no model: set CSR_MODEL_KOR'])
  const bare = createTestEngine(t, { library: { problem: 'the package brings no libvosk for here' } })
  t.strictSame(await refusal(bare.recognize(silence(), 'eng', never)),
    ['STT_RECOGNITION_FAILED', 'the package brings no libvosk for here'])
  await bare.loaded
  t.strictSame(bare.stateOf('eng'), { state: 'failed', problem: 'the package brings no libvosk for here' })
})

t.test('a library that is none is told from a model that is none', async (t) => {
  const path = join(t.testdir({ 'libvosk.so': 'text' }), 'libvosk.so')
  const engine = createTestEngine(t, { library: { path } })
  await engine.loaded
  t.match(engine.stateOf('eng'), { state: 'failed', problem: /libvosk\.so/ })
})

t.test('a model that the library refuses is one line that names the file', needsLibrary, async (t) => {
  type Case = [name: string, damage: (folder: string) => void, problem: (folder: string) => string]
  const cases: Case[] = [
    ['a cut acoustic model', (folder) => { truncateSync(join(folder, 'am/final.mdl'), 100_000) },
      (folder) => `${folder}/am/final.mdl (or a file below ivector): Failed to read matrix from stream.`],
    ['a cut graph', (folder) => { truncateSync(join(folder, 'graph/HCLG.fst'), 5_000) },
      (folder) => `${folder}: Could not read fst from ${folder}/graph/HCLG.fst`],
    ['no words', (folder) => { rmSync(join(folder, 'graph/words.txt')) },
      (folder) => `${folder}: Could not read symbol table from file ${folder}/graph/words.txt`]
  ]
  for (const [name, damage, problem] of cases) {
    await t.test(name, async (t) => {
      const folder = join(t.testdir({}), 'model')
      cpSync(STARTER_ENG, folder, { recursive: true })
      damage(folder)
      const engine = createTestEngine(t, { models: new Map([['eng', folder]]) })
      await engine.loaded
      const state = engine.stateOf('eng')
      t.equal(state.state, 'failed')
      t.equal('problem' in state && state.problem, problem(folder))
      t.strictSame(await refusal(engine.recognize(silence(), 'eng', never)),
        ['STT_RECOGNITION_FAILED', 'problem' in state ? state.problem : ''])
    })
  }
})

t.test('more than the queue holds is refused at once, the rest is served', needsLibrary, async (t) => {
  const engine = createTestEngine(t, { workerCount: 1, queueLength: 2 })
  await engine.loaded
  const calls = Array.from({ length: 5 }, () => engine.recognize(examplePcm(), 'eng', never))
  const [, , , fourth, fifth] = calls
  const overload = ['GATEWAY_ENDPOINT_ERROR', '2 sounds wait for a recogniser already (CSR_QUEUE_LENGTH)']
  t.strictSame([await refusal(fourth!), await refusal(fifth!)], [overload, overload])
  for (const call of calls.slice(0, 3)) t.strictSame(await call, [EXAMPLE_TEXT])
})

t.test('whoever has gone is not worked for any more', needsLibrary, async (t) => {
  const engine = createTestEngine(t, { workerCount: 1 })
  await engine.loaded
  const running = new AbortController()
  const waiting = new AbortController()
  const calls = [
    refusal(engine.recognize(examplePcm(24), 'eng', running.signal)),
    refusal(engine.recognize(examplePcm(24), 'eng', waiting.signal))
  ]
  const served = engine.recognize(examplePcm(), 'eng', never)
  waiting.abort(new Error('gone while waiting'))
  running.abort(new Error('gone while running'))
  t.strictSame(await Promise.all(calls), [['Error: gone while running', undefined], ['Error: gone while waiting', undefined]])
  t.strictSame(await served, [EXAMPLE_TEXT], 'the worker is free for the next')
  t.strictSame(await refusal(engine.recognize(examplePcm(), 'eng', AbortSignal.abort(new Error('gone before')))),
    ['Error: gone before', undefined])
})

t.test('the deadline counts from the start of the work, and the worker goes on afterwards', needsLibrary, async (t) => {
  const engine = createTestEngine(t, { workerCount: 1, timeoutMs: 1 })
  // The self-test itself may be over the limit here; then the engine says so instead of being used.
  await engine.loaded
  const patient = createTestEngine(t, { workerCount: 1, timeoutMs: 60_000 })
  t.strictSame(await patient.recognize(examplePcm(), 'eng', never), [EXAMPLE_TEXT])
  const [key, reason] = await refusal(engine.recognize(examplePcm(24), 'eng', never))
  if (engine.stateOf('eng').state === 'ready') {
    t.equal(key, 'GATEWAY_ENDPOINT_TIMEOUT')
  } else {
    t.equal(key, 'STT_RECOGNITION_FAILED')
  }
  t.match(reason, 'recognition took longer than 1 ms (CSR_RECOGNITION_TIMEOUT_MS)')
})

t.test('a closed engine refuses', needsLibrary, async (t) => {
  const engine = createTestEngine(t)
  await engine.loaded
  await engine.close()
  t.strictSame(await refusal(engine.recognize(silence(), 'eng', never)), ['GATEWAY_ENDPOINT_ERROR', 'the engine is closed'])
})
