/**
 * Model options that must hold whatever the model's own folder says. The folder is never changed: where an option
 * differs, the model is loaded through a temporary folder of links with the option's file written anew.
 */
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A folder to load the model from. `release` may be called as soon as it is loaded. */
export interface PreparedModel {
  path: string
  release (): void
}

interface RequiredOption {
  /** Relative to the model; the option is left alone where the file does not exist. */
  file: string
  name: string
  /** Values up to this are left as they are. */
  maxValue: number
  /** Kaldi's own value where the file does not have the option. */
  defaultValue: number
  /** Models with a file of that name need what the option would take away. */
  unlessFile?: string
}

const REQUIRED_OPTIONS: readonly RequiredOption[] = [
  // Random noise on the samples, which is why users of Vosk see one file give three texts.
  ...['conf/mfcc.conf', 'mfcc.conf'].map((file) => ({ file, name: '--dither', maxValue: 0, defaultValue: 1 })),
  // Which paths besides the best are kept. We read only the best, and some noise keeps so many that a quarter of a
  // second takes seconds (35 s of it: 50 s with a beam of 4, 1.9 s with 2). Models that are rescored need them.
  { file: 'conf/model.conf', name: '--lattice-beam', maxValue: 2, defaultValue: 10, unlessFile: 'rescore' }
]

/** Gives the folder itself when its options are as they must be, otherwise a temporary one. */
export function prepareModel (path: string): PreparedModel {
  const changed = new Map<string, string>()
  for (const option of REQUIRED_OPTIONS) {
    const { file, name, maxValue, defaultValue, unlessFile } = option
    if (!existsSync(join(path, file)) || (unlessFile !== undefined && existsSync(join(path, unlessFile)))) continue
    const text = readFileSync(join(path, file), 'utf8')
    const lines = new RegExp(`^[^\\S\\n]*${name}[^\\S\\n]*=[^\\S\\n]*(\\S*).*$`, 'gm')
    // Of several, Kaldi takes the last.
    const value = Number([...text.matchAll(lines)].at(-1)?.[1] || defaultValue)
    if (!(value <= maxValue)) changed.set(file, `${text.replace(lines, '').trimEnd()}\n${name}=${maxValue}\n`)
  }
  if (changed.size === 0) return { path, release: () => {} }

  const folder = mkdtempSync(join(tmpdir(), 'csr-emulator-model-'))
  linkAllBut(new Set(changed.keys()), path, folder)
  for (const [file, text] of changed) writeFileSync(join(folder, file), text)
  return { path: folder, release: () => { rmSync(folder, { recursive: true, force: true }) } }
}

function linkAllBut (excluded: ReadonlySet<string>, source: string, target: string, inFolder = '.'): void {
  for (const entry of readdirSync(join(source, inFolder), { withFileTypes: true })) {
    const path = join(inFolder, entry.name)
    if (excluded.has(path)) continue
    if ([...excluded].some((each) => dirname(each) === path)) {
      mkdirSync(join(target, path))
      linkAllBut(excluded, source, target, path)
    } else {
      linkOrCopy(resolve(source, path), join(target, path), entry.isDirectory())
    }
  }
}

function linkOrCopy (source: string, target: string, isFolder: boolean): void {
  try {
    // Junctions need no privilege on Windows; links to files do.
    symlinkSync(source, target, isFolder ? 'junction' : 'file')
  } catch {
    cpSync(source, target, { recursive: true })
  }
}
