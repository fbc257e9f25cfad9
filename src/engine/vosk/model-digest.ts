/** A name for what a model is, so that a text can be told to be another model's. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '../../errors/api-error.ts'

/**
 * Where libvosk looks (vosk-api, src/model.cc): everything in these folders counts. Beside them lie the documents and
 * examples that come with a model, which change no text.
 */
const FOLDERS: readonly string[] = ['am', 'conf', 'graph', 'ivector', 'rescore', 'rnnlm']
/** Older models have these at the top, and no `am`. */
const OLD_LAYOUT_FILES: readonly string[] = [
  'final.mdl', 'mfcc.conf', 'HCLG.fst', 'HCLr.fst', 'Gr.fst', 'disambig_tid.int', 'words.txt', 'word_boundary.int'
]
/** The deepest that libvosk reads is `graph/phones/…`; beyond, there could only be links that lead back. */
const MAX_DEPTH = 4

/** The server's thread does this: a piece takes it less than a millisecond, then it is free for others. */
const PIECE_BYTES = 131_072
/** Enough to tell models apart; it is shown to people. */
const DIGEST_CHARACTERS = 16

/**
 * The digest of a model folder: SHA-256 over the names and contents of the files that decide what it recognises, in
 * the order of their names. The same wherever the folder lies.
 *
 * @returns 16 hexadecimal digits
 * @throws STT_RECOGNITION_FAILED when a file cannot be read
 */
export async function digestModel (path: string): Promise<string> {
  try {
    const hash = createHash('sha256')
    for (const file of (await filesOf(path)).sort()) await addFile(hash, path, file)
    return hash.digest('hex').slice(0, DIGEST_CHARACTERS)
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new ApiError('STT_RECOGNITION_FAILED', { reason: `${path}: the model cannot be read (${code})`, cause: error })
  }
}

async function addFile (hash: Hash, path: string, file: string): Promise<void> {
  const { size } = await stat(join(path, file))
  // With its length, so that no file can be taken for the end of one and the start of another.
  hash.update(`${file}\n${size}\n`)
  const pieces = createReadStream(join(path, file), { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>
  for await (const piece of pieces) hash.update(piece)
}

/** Relative to the model, with `/` on every platform. */
async function filesOf (path: string): Promise<string[]> {
  const inFolders = await Promise.all(FOLDERS.map((folder) => filesBelow(path, folder)))
  const atTop = await Promise.all(OLD_LAYOUT_FILES.map(async (file) => await exists(join(path, file)) ? [file] : []))
  return [...inFolders, ...atTop].flat()
}

async function filesBelow (path: string, folder: string, depth = 1): Promise<string[]> {
  if (depth > MAX_DEPTH || !await exists(join(path, folder))) return []
  const names = await readdir(join(path, folder))
  const files = await Promise.all(names.map(async (name) => {
    const entry = `${folder}/${name}`
    // A link that leads nowhere is no file, neither here nor for libvosk.
    const stats = await stat(join(path, entry)).catch(() => undefined)
    if (stats?.isDirectory()) return await filesBelow(path, entry, depth + 1)
    return stats?.isFile() ? [entry] : []
  }))
  return files.flat()
}

async function exists (path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false)
}
