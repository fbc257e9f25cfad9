/** The tarball as a user gets it: packed, installed into an empty folder, started. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { lightWav } from './support/sounds.ts'

// Two installations from the registry.
t.setTimeout(600_000)

const run = promisify(execFile)
const PACKAGE_FOLDER = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The surroundings of an `npm` that a user starts. What this npm run has set for its own package would lead the inner
 * one astray; what says where the registry is stays.
 */
function npmEnvironment (): NodeJS.ProcessEnv {
  const foreign = /^(npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix|config_prefix)|TAP|_TAPJS|NODE_OPTIONS|CSR_|INIT_CWD)/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

const npm = (cwd: string, command: string, ...args: string[]) =>
  run(command, args, { cwd, env: npmEnvironment(), maxBuffer: 64 * 1024 * 1024 })

// Not `t.testdir`, which lies inside the project: npm looks upwards for a package and would install into ours.
const root = mkdtempSync(join(tmpdir(), 'csr-emulator-package-'))
t.teardown(() => { rmSync(root, { recursive: true, force: true }) })
mkdirSync(join(root, 'tarball'))
// Not `prepare`: it builds anew, and other tests are running what the test line has built.
const packed = await npm(PACKAGE_FOLDER, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', join(root, 'tarball'))
const [{ filename, files } = { filename: '', files: [] }] = JSON.parse(packed.stdout) as {
  filename: string
  files: { path: string }[]
}[]
const tarball = join(root, 'tarball', filename)
const paths = files.map(({ path }) => path)

t.test('holds what is needed and nothing else', async (t) => {
  const wanted = [
    'dist/cli.js', 'dist/index.js', 'dist/index.d.ts', 'dist/engine/vosk/vosk-worker.js', 'dist/audio/decoder-child.js',
    'dist/native/linux-x86_64/libvosk.so', 'models/starter/eng/am/final.mdl', 'models/starter/eng/example.wav',
    'package.json', 'README.md'
  ]
  t.strictSame(wanted.filter((path) => !paths.includes(path)), [], 'everything is there')
  const surplus = paths.filter((path) => /\.map$|(^|\/)(test|tests|bench|src|scripts)\/|\.test\.|(?<!\.d)\.ts$/.test(path))
  t.strictSame(surplus, [], 'no sources, source maps or tests')
})

/** Each npm that people may have; the second is fetched for the test. */
const INSTALLERS: readonly [name: string, ...command: [string, ...string[]]][] = [
  ['the npm that is there', 'npm'],
  ['npm 10', 'npx', '-y', 'npm@10']
]

for (const [name, program, ...args] of INSTALLERS) {
  t.test(`installs with ${name} and works`, async (t) => {
    const folder = join(root, name.replaceAll(' ', '-'))
    mkdirSync(folder)
    // Wherever the folder lies, this makes it the one that npm installs into.
    writeFileSync(join(folder, 'package.json'), '{}')
    await npm(folder, program, ...args, 'i', tarball, '--no-audit', '--no-fund')

    const installed = (each: string) => existsSync(join(folder, 'node_modules', each))
    t.ok(installed('csr-emulator'), 'the package')
    t.strictSame(['vosk', 'ffi-napi', 'ref-napi', 'tap', 'typescript'].filter(installed), [], 'without the carrier of the library')
    t.ok(installed(`csr-emulator/dist/native/${nativeFolder()}`), 'with the library of this platform')

    await t.test('npx csr-emulator', (t) => tryCommandLine(t, folder))
    await t.test('startEmulator', (t) => tryImport(t, folder))
  })
}

function nativeFolder (): string {
  const platform = { linux: 'linux', darwin: 'osx', win32: 'win' }[process.platform as string]
  const folders = readdirSync(join(PACKAGE_FOLDER, 'dist/native'))
  return folders.find((each) => each.startsWith(`${platform}-`)) ?? 'none for this platform'
}

async function tryCommandLine (t: Test, folder: string): Promise<void> {
  const child = spawn('npx', ['csr-emulator', '--port', '0', '--log-format', 'json'], {
    cwd: folder, env: npmEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
  const closed = new Promise<number | null>((resolve) => { child.once('close', resolve) })
  t.teardown(async () => {
    // The whole group, as a terminal would: npx does not hand a signal down to what it started.
    process.kill(-(child.pid ?? NaN), 'SIGTERM')
    await closed
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    closed.then((code) => { reject(new Error(`npx ended with ${code}: ${stderr}`)) }, reject)
  })
  const answer = await fetch(`${url}/recog/v1/stt?lang=Eng`, {
    method: 'POST',
    headers: {
      'x-ncp-apigw-api-key-id': 'id', 'x-ncp-apigw-api-key': 'secret', 'content-type': 'application/octet-stream'
    },
    body: new Uint8Array(lightWav())
  })
  t.strictSame([answer.status, await answer.text()], [200, '{"text":"turn off the light please"}'])
}

const PROGRAM = `
import { startEmulator } from 'csr-emulator'
import { readFileSync } from 'node:fs'
const emulator = await startEmulator()
const answer = await fetch(emulator.url + '/recog/v1/stt?lang=Eng', {
  method: 'POST',
  headers: { 'x-ncp-apigw-api-key-id': 'id', 'x-ncp-apigw-api-key': 'secret', 'content-type': 'application/octet-stream' },
  body: readFileSync('node_modules/csr-emulator/models/starter/eng/example.wav')
})
console.log(answer.status, await answer.text())
await emulator.close()
`

/** The program ends by itself: nothing that was started keeps it alive after close(). */
async function tryImport (t: Test, folder: string): Promise<void> {
  writeFileSync(join(folder, 'program.mjs'), PROGRAM)
  const { stdout, stderr } = await npm(folder, process.execPath, 'program.mjs')
  t.strictSame({ stdout, stderr }, { stdout: '200 {"text":"turn off the light please"}\n', stderr: '' })
  const { exports } = JSON.parse(readFileSync(join(folder, 'node_modules/csr-emulator/package.json'), 'utf8')) as {
    exports: { '.': { types: string } }
  }
  t.ok(existsSync(join(folder, 'node_modules/csr-emulator', exports['.'].types)), 'its types are there')
}
