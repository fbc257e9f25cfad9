/** A lockfile as a team uses it: written by one process with a model, answered from by another one without. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCli, startServerProcess } from '../helpers/server-process.ts'
import { HELLO, LIGHT, NOT_RECOGNIZED } from './support/answers.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav, lightWav, mulawWav, silentWav } from './support/sounds.ts'
import { expectAnswer, rightCall } from './support/wire.ts'

t.test('update writes, strict answers without a model, in the same bytes', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'transcripts.jsonl')
  const sounds = [
    ['light', lightWav(), LIGHT], ['hello', helloWav(), HELLO], ['hello by the decoder', mulawWav(), HELLO],
    ['light again', lightWav(), LIGHT]
  ] as const

  const writer = await startServerProcess(t, ['--transcripts', path], { shouldWaitUntilReady: true })
  t.match(writer.lines[0]?.msg, `; transcripts: 0 in ${path} (update); `)
  const connection = await connectTo(t, writer.port)
  for (const [name, sound, expected] of sounds) {
    await connection.write(rightCall(sound))
    await expectAnswer(t, connection, expected, name)
  }
  await writer.waitForLine(({ source }) => source === 'lockfile')
  const sources = writer.lines.filter(({ source }) => source !== undefined).map(({ source }) => source)
  t.strictSame(sources, ['recognized', 'recognized', 'recognized', 'lockfile'])
  // At once: what has been answered must be in the file when the process has gone.
  t.strictSame(await writer.stop(), { code: 0, signal: null })
  t.strictSame(readdirSync(folder), ['transcripts.jsonl'])
  const written = readFileSync(path, 'utf8')
  const lines = written.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  t.strictSame(lines.map(({ text }) => text).sort(), ['hello', 'hello', 'turn off the light please'])
  t.strictSame(lines.map(({ audio }) => audio), lines.map(({ audio }) => audio).sort())
  t.match(lines[0], { language: 'eng', engine: /^vosk-/, model: /^[0-9a-f]{16}$/, durationMs: Number })

  // A model and a library that are not there are no obstacle: nobody needs them.
  const reader = await startServerProcess(t, [
    '--transcripts', path, '--transcripts-mode', 'strict', '--model-eng', '/nowhere', '--libvosk', '/nowhere'
  ], { shouldWaitUntilReady: true })
  t.match(reader.lines[0]?.msg, `; no model is used; transcripts: 3 in ${path} (strict); `)
  const again = await connectTo(t, reader.port)
  for (const [name, sound, expected] of sounds) {
    await again.write(rightCall(sound))
    await expectAnswer(t, again, expected, `strict: ${name}`)
  }
  await again.write(rightCall(silentWav(1000)))
  await expectAnswer(t, again, NOT_RECOGNIZED, 'what is not in the file')
  t.match(await reader.waitForLine(({ code }) => code === 'STT998'), { hint: /^the sound [0-9a-f]{12}… \(eng\) is not in transcripts\.jsonl and CSR_TR/ })
  t.strictSame(await reader.stop(), { code: 0, signal: null })
  t.equal(readFileSync(path, 'utf8'), written, 'strict changes nothing')

  // Corrected by hand, as in a review.
  writeFileSync(path, written.replace('turn off the light please', 'turn the light off, please'))
  const corrected = await startServerProcess(t, ['--transcripts', path], { shouldWaitUntilReady: true })
  const last = await connectTo(t, corrected.port)
  await last.write(rightCall(lightWav()))
  await expectAnswer(t, last, { status: 200, body: '{"text":"turn the light off, please"}' }, 'the file is right')
})

t.test('a broken lockfile is told with everything else that is wrong, and stays as it is', async (t) => {
  const folder = t.testdir({ 'broken.jsonl': '<<<<<<< HEAD\nhello\n' })
  const path = join(folder, 'broken.jsonl')
  for (const mode of ['update', 'strict']) {
    const { code, stderr } = await runCli(['--port', 'x', '--transcripts', path, '--transcripts-mode', mode])
    t.equal(code, 2)
    t.strictSame(stderr.trimEnd().split('\n'), [
      'csr-emulator: --port: must be an integer from 0 to 65535, not "x"',
      `csr-emulator: CSR_TRANSCRIPTS: ${path}: line 1: a conflict that git has left (<<<<<<<): keep the right lines and ` +
        'delete this one',
      `csr-emulator: CSR_TRANSCRIPTS: ${path}: line 2: is not JSON`
    ], mode)
  }
  t.equal(readFileSync(path, 'utf8'), '<<<<<<< HEAD\nhello\n')
  const missing = join(folder, 'missing.jsonl')
  const { code, stderr } = await runCli(['--transcripts', missing], { CSR_TRANSCRIPTS_MODE: 'strict' })
  t.strictSame([code, stderr], [2, `csr-emulator: CSR_TRANSCRIPTS: ${missing}: there is no such file: run once with ` +
    'CSR_TRANSCRIPTS_MODE=update\n'])
  t.notOk(existsSync(missing))
})
