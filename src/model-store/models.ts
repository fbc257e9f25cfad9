/** Which model serves which language: the configured folder, else the starter model of the package. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A model folder that has passed the checks below. */
export interface Model {
  /** Absolute or relative to the working directory, as it was given. */
  path: string
  /** `starter` comes with the package, `configured` was named by a setting. */
  origin: 'starter' | 'configured'
}

/** First bytes of a Kaldi file in binary form. */
const KALDI_BINARY = Buffer.from([0x00, 0x42])
/** OpenFst's magic number 2125659606, little endian (fst.h, kFstMagicNumber). */
const OPENFST = Buffer.from([0xd6, 0xfd, 0xb2, 0x7e])

interface RequiredFile {
  /** One of these groups must be there whole. */
  oneOf: readonly (readonly string[])[]
  magic?: Buffer
}

/** The two layouts that libvosk knows, by the file that decides which one it is (vosk-api, src/model.cc). */
const LAYOUTS: readonly { decidedBy: string, files: readonly RequiredFile[] }[] = [
  {
    decidedBy: 'am/final.mdl',
    files: [
      { oneOf: [['am/final.mdl']], magic: KALDI_BINARY },
      { oneOf: [['conf/mfcc.conf']] },
      { oneOf: [['conf/model.conf']] },
      { oneOf: [['graph/HCLG.fst'], ['graph/HCLr.fst', 'graph/Gr.fst']], magic: OPENFST }
    ]
  },
  {
    decidedBy: 'mfcc.conf',
    files: [
      { oneOf: [['final.mdl']], magic: KALDI_BINARY },
      { oneOf: [['HCLG.fst'], ['HCLr.fst', 'Gr.fst']], magic: OPENFST }
    ]
  }
]

/**
 * Looks for the model of one language.
 *
 * @param configuredPath the folder of the setting, or the empty text
 * @param starterPath where the package keeps its own; that one may be missing
 */
export function findModel (configuredPath: string, starterPath: string): Model | undefined {
  if (configuredPath !== '') return { path: configuredPath, origin: 'configured' }
  return existsSync(starterPath) ? { path: starterPath, origin: 'starter' } : undefined
}

/**
 * Checks what can be checked without the engine: is the folder there, and are the files that libvosk needs there,
 * not empty, and of their kind.
 *
 * @returns what is wrong, naming the file; undefined when nothing is
 */
export function problemOfModel (path: string): string | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return `${path}: there is no such folder`
  const layout = LAYOUTS.find(({ decidedBy }) => existsSync(join(path, decidedBy)))
  if (layout === undefined) {
    return `${path}: not a Vosk model, it has no ${LAYOUTS.map(({ decidedBy }) => decidedBy).join(' and no ')}`
  }
  for (const { oneOf, magic } of layout.files) {
    const group = oneOf.find((files) => files.every((file) => existsSync(join(path, file))))
    if (group === undefined) return `${path}: ${oneOf.map((files) => files.join(' with ')).join(' or ')} is missing`
    for (const file of group) {
      const problem = problemOfFile(join(path, file), magic)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function problemOfFile (file: string, magic: Buffer | undefined): string | undefined {
  let head: Buffer
  try {
    head = readHead(file, magic?.length ?? 1)
  } catch (error) {
    return `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`
  }
  if (head.length === 0) return `${file}: is empty`
  if (magic !== undefined && !head.equals(magic)) return `${file}: is not what it should be (wrong first bytes)`
  return undefined
}

function readHead (file: string, lengthBytes: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const head = Buffer.alloc(lengthBytes)
    return head.subarray(0, readSync(descriptor, head, 0, lengthBytes, 0))
  } finally {
    closeSync(descriptor)
  }
}
