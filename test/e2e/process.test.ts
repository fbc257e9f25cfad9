/** The command line: how it starts, and how it says what is wrong. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runCli, startServerProcess } from '../helpers/server-process.ts'
import { NOT_RECOGNIZED } from './support/answers.ts'
import { connectTo } from './support/raw-connection.ts'
import { helloWav } from './support/sounds.ts'
import { expectAnswer, rightCall } from './support/wire.ts'

const PACKAGE_FOLDER = fileURLToPath(new URL('../../', import.meta.url))
const STARTER_MODEL = join(PACKAGE_FOLDER, 'models/starter/eng')
const { version } = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string }

t.test('says in one line where it listens and what it can do', async (t) => {
  const seed = join(t.testdir({ 'seed.yaml': 'applications: [{ clientId: one, clientSecret: two }]' }), 'seed.yaml')
  const { lines, url, port } = await startServerProcess(t, ['--seed', seed, '--model-kor', STARTER_MODEL], {
    shouldWaitUntilReady: true
  })
  t.strictSame(lines.map(({ level, msg }) => ({ level, msg })), [{
    level: 30,
    msg: `csr-emulator ${version} listens on http://127.0.0.1:${port}; Kor: configured model ${STARTER_MODEL}, ` +
      `Eng: starter model ${STARTER_MODEL}, Jpn: no model (set CSR_MODEL_JPN), Chn: no model (set CSR_MODEL_CHN); ` +
      `applications: ${seed}; control API: ${url}/_emulator/`
  }])
})

t.test('tells everything that is wrong at once, and exits with 2', async (t) => {
  const { code, stdout, stderr } = await runCli([
    '--port', '99999', '--stt-error-shape', 'round', '--model-jpn', '/nowhere/jpn', '--seed', '/nowhere/seed.json'
  ], { CSR_LIBVOSK: '/nowhere/libvosk.so', CSR_MAX_BODY_BITES: '1', CSR_WORKERS: 'all' })
  t.strictSame({ code, stdout, lines: stderr.trimEnd().split('\n').sort() }, {
    code: 2,
    stdout: '',
    lines: [
      '--port: must be an integer from 0 to 65535, not "99999"',
      '--stt-error-shape: must be nested | flat, not "round"',
      'CSR_LIBVOSK: there is no file /nowhere/libvosk.so',
      'CSR_MAX_BODY_BITES: there is no such setting (did you mean CSR_MAX_BODY_BYTES?)',
      'CSR_MODEL_JPN: /nowhere/jpn: there is no such folder',
      'CSR_SEED: /nowhere/seed.json: cannot be read (ENOENT)',
      'CSR_WORKERS: must be an integer from 1 to 256, not "all"'
    ].map((line) => `csr-emulator: ${line}`).sort()
  })
})

t.test('a port that is taken: one line, exit code 1', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { other.close() })
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  const { code, stdout, stderr } = await runCli(['--port', String(port), '--log-format', 'json'])
  t.equal(code, 1)
  t.match(stderr, new RegExp(`^csr-emulator: .*EADDRINUSE.*127\\.0\\.0\\.1:${port}.*--port\\n$`), 'one line')
  t.equal(stdout, '')
})

t.test('--version, --help and what there is not', async (t) => {
  t.strictSame(await runCli(['--version']), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  const help = await runCli(['--help'])
  t.match(help, { code: 0, stderr: '', stdout: /^Usage: csr-emulator/ })
  t.match(help.stdout, /--max-body-bytes \(CSR_MAX_BODY_BYTES\)/, 'settings with both names')
  t.match(await runCli(['--no-such-flag']), { code: 2, stdout: '', stderr: /--no-such-flag/ })
  t.match(await runCli(['sing']), { code: 2, stdout: '', stderr: /no command "sing"/ })
  t.match(await runCli(['start', 'now']), { code: 2, stdout: '', stderr: /no command "start now"/ })
})

t.test('kit takes a folder and nothing else', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file')
  const usage = 'csr-emulator: kit takes the name of a folder and no settings: csr-emulator kit <folder>\n'
  for (const args of [['kit'], ['kit', ''], ['kit', 'a', 'b'], ['kit', 'a', '--port', '1']]) {
    t.strictSame(await runCli(args), { code: 2, signal: null, stdout: '', stderr: usage }, args.join(' '))
  }
  t.match(await runCli(['kit', file]), {
    code: 1, stdout: '', stderr: `csr-emulator: the kit cannot be written to "${file}": a file has this name: name a folder\n`
  })
})

/** A copy of the starter model with one thing broken. */
function breakModel (folder: string, damage: (path: (file: string) => string) => void): string {
  const model = join(folder, 'model')
  cpSync(STARTER_MODEL, model, { recursive: true })
  damage((file) => join(model, file))
  return model
}

const REFUSED_MODELS: readonly [name: string, file: string, damage: (path: string) => void, problem: string][] = [
  ['no graph', 'graph/HCLG.fst', rmSync, 'graph/HCLG.fst or graph/HCLr.fst with graph/Gr.fst is missing'],
  ['no configuration', 'conf/model.conf', rmSync, 'conf/model.conf is missing'],
  ['no acoustic model', 'am/final.mdl', rmSync, 'not a Vosk model, it has no am/final.mdl and no mfcc.conf'],
  ['an empty acoustic model', 'am/final.mdl', (path) => { truncateSync(path) }, 'am/final.mdl: is empty'],
  ['an empty graph', 'graph/HCLG.fst', (path) => { truncateSync(path) }, 'graph/HCLG.fst: is empty'],
  ['a graph of another kind', 'graph/HCLG.fst', (path) => { writeFileSync(path, 'hello') },
    'graph/HCLG.fst: is not what it should be (wrong first bytes)'],
  ['an acoustic model of another kind', 'am/final.mdl', (path) => { writeFileSync(path, '<html>') },
    'am/final.mdl: is not what it should be (wrong first bytes)']
]

for (const [name, file, damage, problem] of REFUSED_MODELS) {
  t.test(`a model with ${name}: one line that names it, exit code 2`, async (t) => {
    const model = breakModel(t.testdir(), (path) => { damage(path(file)) })
    const { code, stdout, stderr } = await runCli(['--port', '0', '--model-eng', model])
    const [start, ...rest] = stderr.split('\n')
    t.strictSame({ code, stdout, rest }, { code: 2, stdout: '', rest: [''] })
    t.ok(start?.startsWith(`csr-emulator: CSR_MODEL_ENG: ${model}`), 'the setting and the folder', { start })
    t.ok(start?.endsWith(problem), 'the file and what is wrong', { start, problem })
  })
}

const FAILED_MODELS: readonly [name: string, file: string, damage: (path: string) => void][] = [
  ['an acoustic model that is cut off', 'am/final.mdl', (path) => { truncateSync(path, 100_000) }],
  ['an acoustic model that is cut off early', 'am/final.mdl', (path) => { truncateSync(path, 3) }],
  ['a graph that is cut off', 'graph/HCLG.fst', (path) => { truncateSync(path, 1000) }],
  ['words that are missing', 'graph/words.txt', rmSync]
]

for (const [name, file, damage] of FAILED_MODELS) {
  t.test(`a model with ${name}: one line that names the file, and STT998`, async (t) => {
    const model = breakModel(t.testdir(), (path) => { damage(path(file)) })
    const { port, lines, waitForLine, output, stop, url } = await startServerProcess(t, ['--model-eng', model], {
      mayComplain: true
    })
    const line = await waitForLine(({ level }) => level === 50)
    t.ok(line.msg.startsWith('Eng: the model cannot be used, calls answer STT998: '), 'what it means', { line })
    t.ok(line.msg.includes(join(model, file)), 'the file', { line })
    const ready = await fetch(`${url}/_emulator/ready`)
    t.equal(ready.status, 503, 'not ready')
    t.match(await ready.json(), { status: 'failed' })

    const connection = await connectTo(t, port)
    await connection.write(rightCall(helloWav()))
    await expectAnswer(t, connection, NOT_RECOGNIZED, 'a call')
    t.strictSame(await stop(), { code: 0, signal: null })
    t.equal(lines.filter(({ level }) => level >= 50).length, 1, 'one error line')
    // libvosk writes its own words to standard error, and nobody in the process can keep it from that.
    const strayLines = output().split('\n').filter((each) => each !== '' && !/^(\{|ERROR)/.test(each))
    t.strictSame(strayLines, [], 'and nothing else')
  })
}
