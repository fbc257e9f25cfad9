import t from 'tap'
import { readFileSync } from 'node:fs'
import { ConfigError, startEmulator } from '../src/index.ts'
import { RIGHT_HEADERS } from './helpers/calls.ts'
import { EXAMPLE_TEXT, EXAMPLE_WAV, needsLibrary } from './helpers/engine.ts'

t.test('an emulator inside the process', needsLibrary, async (t) => {
  const emulator = await startEmulator()
  const response = await fetch(`${emulator.url}/recog/v1/stt?lang=Eng`, {
    method: 'POST', headers: RIGHT_HEADERS, body: readFileSync(EXAMPLE_WAV)
  })
  t.equal(await response.text(), `{"text":"${EXAMPLE_TEXT}"}`)
  const ready = await fetch(`${emulator.url}/_emulator/ready`)
  t.match(await ready.json(), {
    status: 'ready',
    languages: [
      { lang: 'Kor', state: 'absent' }, { lang: 'Eng', state: 'ready' },
      { lang: 'Jpn', state: 'absent' }, { lang: 'Chn', state: 'absent' }
    ]
  })
  await emulator.close()
  await t.rejects(fetch(emulator.url), 'nothing listens any more')
})

t.test('several at once do not meet', needsLibrary, async (t) => {
  const emulators = await Promise.all([startEmulator(), startEmulator({ sttErrorShape: 'flat' })])
  t.teardown(() => Promise.all(emulators.map(({ close }) => close())))
  const bodies = await Promise.all(emulators.map(async ({ url }) => {
    const response = await fetch(`${url}/recog/v1/stt`, { method: 'POST', headers: RIGHT_HEADERS, body: 'x' })
    return await response.text()
  }))
  t.strictSame(bodies, [
    '{"error":{"errorCode":"STT004","message":"Empty Language"}}',
    '{"errorMessage":"Empty Language","errorCode":"STT004"}'
  ])
})

t.test('tells everything that is wrong with the options at once', async (t) => {
  const options = { port: 70_000, modelEng: '/nowhere', seed: '/nothing.yaml' }
  const error = await startEmulator(options).catch((error: unknown) => error)
  t.ok(error instanceof ConfigError)
  t.strictSame((error as ConfigError).problems, [
    'CSR_PORT: must be an integer from 0 to 65535, not "70000"',
    'CSR_SEED: /nothing.yaml: cannot be read (ENOENT)',
    'CSR_MODEL_ENG: /nowhere: there is no such folder'
  ])
})
