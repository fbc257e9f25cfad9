/**
 * The same sound must always give the same text. Kaldi adds random noise to the samples ("dither", on unless a model
 * switches it off), which is why users of Vosk see one file give three texts. Here it is switched off.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A folder to load the model from. `release` may be called as soon as it is loaded. */
export interface RepeatableModel {
  path: string
  release (): void
}

const FEATURE_FILES = ['conf/mfcc.conf', 'mfcc.conf']
const DITHER = /^[^\S\n]*--dither[^\S\n]*=[^\S\n]*(\S*).*$/gm

/**
 * Gives the folder itself when its features are not dithered, otherwise a temporary folder of links to it with
 * `--dither=0` in the feature options. Nothing in the model's own folder is changed.
 */
export function makeRepeatable (path: string): RepeatableModel {
  const featureFile = FEATURE_FILES.find((file) => existsSync(join(path, file)))
  const options = featureFile === undefined ? '' : readFileSync(join(path, featureFile), 'utf8')
  // Of several, Kaldi takes the last.
  const dither = [...options.matchAll(DITHER)].at(-1)?.[1] || 'Kaldi\'s own default'
  if (featureFile === undefined || Number(dither) === 0) return { path, release: () => {} }

  const folder = mkdtempSync(join(tmpdir(), 'csr-emulator-model-'))
  const withoutDither = `${options.replace(DITHER, '').trimEnd()}\n--dither=0\n`
  linkAllBut(featureFile, path, folder)
  writeFileSync(join(folder, featureFile), withoutDither)
  return { path: folder, release: () => { rmSync(folder, { recursive: true, force: true }) } }
}

function linkAllBut (excluded: string, source: string, target: string): void {
  const excludedFolder = dirname(excluded)
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    if (entry.name === excluded) continue
    const from = resolve(source, entry.name)
    const to = join(target, entry.name)
    if (entry.name === excludedFolder) {
      mkdirSync(to)
      linkAllBut(excluded.slice(excludedFolder.length + 1), from, to)
    } else {
      // Junctions need no privilege on Windows.
      symlinkSync(from, to, entry.isDirectory() ? 'junction' : 'file')
    }
  }
}
