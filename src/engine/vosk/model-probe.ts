/**
 * Finds out why libvosk refuses a model. The library gives a null and writes the reason to standard error, which only
 * another process can read. Run as a child, this module loads the model and leaves the library's words behind.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openLibvosk } from './libvosk.ts'

const PROBE_TIMEOUT_MS = 60_000
const KEPT_CHARACTERS = 8_192

const [, , mode, libraryPath, modelPath] = process.argv
if (mode === 'csr-emulator-model-probe' && libraryPath !== undefined && modelPath !== undefined) {
  openLibvosk(libraryPath, -2).newModel(modelPath)
}

/** Loads the model once more, in a process of its own. @returns what was wrong, naming the file as far as known */
export function probeModel (libraryPath: string, modelPath: string): Promise<string> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(import.meta.url), ['csr-emulator-model-probe', libraryPath, modelPath], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      timeout: PROBE_TIMEOUT_MS
    })
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => { words = (words + chunk.toString()).slice(-KEPT_CHARACTERS) })
    child.on('error', (error) => { resolve(String(error)) })
    child.on('close', () => { resolve(describe(words, modelPath)) })
  })
}

/**
 * Puts the library's words into one line. It names files of the graph, but not the acoustic model, of which it only
 * says that a matrix or a token could not be read.
 */
function describe (words: string, modelPath: string): string {
  const errors = words.split('\n').filter((line) => line.startsWith('ERROR'))
  const last = errors.at(-1)?.replace(/^ERROR \(\S*\)\s*/, '').replace(/\s+File position.*/, '').trim()
  if (last === undefined) return `${modelPath}: libvosk refused it without saying why`
  if (last.includes(modelPath)) return `${modelPath}: ${last}`
  return `${modelPath}/am/final.mdl (or a file below ivector): ${last}`
}
