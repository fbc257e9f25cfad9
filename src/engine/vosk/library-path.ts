import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What the package `vosk` brings, by Node's platform and architecture (docs/adr/0003). */
const LIBRARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x86_64/libvosk.so',
  'darwin-x64': 'osx-universal/libvosk.dylib',
  'darwin-arm64': 'osx-universal/libvosk.dylib',
  'win32-x64': 'win-x86_64/libvosk.dll'
}

/** Where the library is, or why there is none. */
export type LibraryPath = { path: string } | { problem: string }

/**
 * @param configured the setting, or the empty text
 * @param nativeFolder where the build put the package's libraries
 * @param platform `process.platform` and `process.arch`, joined by a hyphen
 */
export function findLibrary (configured: string, nativeFolder: string, platform: string): LibraryPath {
  if (configured !== '') {
    return existsSync(configured) ? { path: configured } : { problem: `CSR_LIBVOSK: there is no file ${configured}` }
  }
  const file = LIBRARIES[platform]
  if (file === undefined) {
    return { problem: `the package brings no libvosk for ${platform}: give one by CSR_LIBVOSK` }
  }
  const path = join(nativeFolder, file)
  return existsSync(path) ? { path } : { problem: `${path} is missing: run "npm run build"` }
}
