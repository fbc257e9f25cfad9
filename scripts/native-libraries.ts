/**
 * Copies the native recogniser libraries out of the npm package `vosk` into `dist/native/<platform>/`.
 *
 * The package's JavaScript (which needs ffi-napi, which no longer compiles) is never loaded and never shipped:
 * see docs/adr/0003.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../node_modules/vosk/lib/', import.meta.url))
const target = fileURLToPath(new URL('../dist/native/', import.meta.url))

if (!existsSync(source)) {
  throw new Error('node_modules/vosk is missing: run `npm ci` (with development dependencies) first')
}
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
for (const platform of readdirSync(source)) {
  cpSync(`${source}${platform}`, `${target}${platform}`, { recursive: true })
}
