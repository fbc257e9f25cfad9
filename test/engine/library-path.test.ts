import t from 'tap'
import { join } from 'node:path'
import { findLibrary } from '../../src/engine/vosk/library-path.ts'

t.test('finds the library of the platform, or says what to do', async (t) => {
  const folder = t.testdir({
    'linux-x86_64': { 'libvosk.so': '' },
    'osx-universal': { 'libvosk.dylib': '' },
    own: { 'libvosk.so': '' }
  })
  const own = join(folder, 'own/libvosk.so')
  const cases: [configured: string, platform: string, expected: object][] = [
    ['', 'linux-x64', { path: join(folder, 'linux-x86_64/libvosk.so') }],
    ['', 'darwin-arm64', { path: join(folder, 'osx-universal/libvosk.dylib') }],
    ['', 'darwin-x64', { path: join(folder, 'osx-universal/libvosk.dylib') }],
    ['', 'win32-x64', { problem: `${join(folder, 'win-x86_64/libvosk.dll')} is missing: run "npm run build"` }],
    ['', 'linux-arm64', { problem: 'the package brings no libvosk for linux-arm64: give one by CSR_LIBVOSK' }],
    [own, 'linux-arm64', { path: own }],
    [`${own}.1`, 'linux-x64', { problem: `CSR_LIBVOSK: there is no file ${own}.1` }]
  ]
  for (const [configured, platform, expected] of cases) {
    t.strictSame(findLibrary(configured, folder, platform), expected, `${platform} ${configured}`)
  }
})
