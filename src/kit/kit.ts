/**
 * The kit: ready-made sound files for every edge in every format that CSR takes, and a manifest that says which answer
 * each must get. Client teams test with it, and so do the emulator's own tests.
 */
import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createEncoder, type Encoder } from './encoder.ts'
import { KIT_FORMATS } from './formats.ts'
import { makeEdge, makeOther, type MadeFile, type Workshop } from './make.ts'
import { answerFor, type KitFile, type KitManifest } from './manifest.ts'
import { readmeFor } from './readme.ts'
import { EDGE_RECIPES, OTHER_RECIPES } from './recipes.ts'
import { loadSounds, SPEECH_LANG } from './sounds.ts'

export type { KitAnswer, KitFile, KitManifest } from './manifest.ts'

/** How to write a kit. */
export interface KitOptions {
  /** Called after each file, in the order in which they are finished. */
  onFile?: (file: KitFile) => void
}

/** A file that is to be made: what the manifest says of it before it exists. */
interface Plan extends Pick<KitFile, 'file' | 'format' | 'about'> {
  allowanceMs: number
  text: string | undefined
  make: (workshop: Workshop) => Promise<MadeFile>
}

const MANIFEST_NAME = 'manifest.json'
const README_NAME = 'README.md'
const OTHER_FOLDER = 'other'

/** Two cores are there as a rule, and each takes 200 MB of memory. */
const ENCODER_COUNT = 2

/**
 * Writes the kit: 120 files, 81 MB, in half a minute of processor time, always the same bytes. Files of an earlier kit
 * are overwritten, foreign files stay. The manifest is written last: where there is one, the kit is whole.
 *
 * @param folder made when it is not there
 * @returns the manifest, as written
 * @throws Error with a message for people, when the folder cannot be written
 */
export async function writeKit (folder: string, { onFile }: KitOptions = {}): Promise<KitManifest> {
  await inFolder(folder, async () => {
    await mkdir(folder, { recursive: true })
    await rm(join(folder, MANIFEST_NAME), { force: true })
  })
  const files: KitFile[] = []
  const plans = allPlans()

  /** Takes the next plan until there is none. A failure ends the generator, and with it the work of the other. */
  async function workOff (encoder: Encoder): Promise<void> {
    const workshop: Workshop = { encoder, sounds: await loadSounds(encoder) }
    for (const plan of plans) {
      const made = await plan.make(workshop)
      await inFolder(folder, () => writeBelow(folder, plan.file, made.bytes))
      const file = describe(plan, made)
      files.push(file)
      onFile?.(file)
    }
  }

  const encoders = Array.from({ length: ENCODER_COUNT }, () => createEncoder())
  const outcomes = await Promise.allSettled(encoders.map(workOff))
  await Promise.all(encoders.map((encoder) => encoder.close()))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason

  const manifest: KitManifest = { version: 1, files: files.sort((one, other) => one.file < other.file ? -1 : 1) }
  await inFolder(folder, async () => {
    await writeBelow(folder, README_NAME, readmeFor(manifest))
    const draft = `${MANIFEST_NAME}.part`
    await writeBelow(folder, draft, `${JSON.stringify(manifest, null, 2)}\n`)
    await rename(join(folder, draft), join(folder, MANIFEST_NAME))
  })
  return manifest
}

function * allPlans (): Generator<Plan> {
  yield * edgePlans()
  yield * otherPlans()
}

function edgePlans (): Plan[] {
  return KIT_FORMATS.flatMap((format) => EDGE_RECIPES
    .filter(({ isFor }) => isFor === undefined || isFor(format))
    .map((recipe) => ({
      file: `${format.name}/${recipe.name}${format.extension}`,
      format: format.name,
      about: `${format.title}: ${recipe.about}`,
      allowanceMs: format.untold?.allowanceMs ?? 0,
      text: recipe.text,
      make: (workshop) => makeEdge(workshop, format, recipe)
    })))
}

function otherPlans (): Plan[] {
  return OTHER_RECIPES.map((recipe) => ({
    file: `${OTHER_FOLDER}/${recipe.name}`,
    format: OTHER_FOLDER,
    about: recipe.about,
    allowanceMs: 0,
    text: undefined,
    make: (workshop) => makeOther(workshop, recipe)
  }))
}

function describe (plan: Plan, { bytes, recordedMs, decodedMs }: MadeFile): KitFile {
  const { file, format, about, allowanceMs, text } = plan
  return {
    file,
    format,
    about,
    lang: SPEECH_LANG,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    recordedMs,
    decodedMs,
    answer: answerFor({ bytes: bytes.length, decodedMs, allowanceMs, text })
  }
}

async function writeBelow (folder: string, name: string, content: Buffer | string): Promise<void> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

/** What to do about the errors that somebody can do something about. */
const ADVICE: Partial<Record<string, string>> = {
  EEXIST: 'a file has this name: name a folder',
  ENOTDIR: 'a part of the path is a file: name a folder',
  EISDIR: 'a folder stands where a file of the kit belongs: name another folder',
  EACCES: 'there is no permission to write there: name another folder',
  EPERM: 'there is no permission to write there: name another folder',
  EROFS: 'the file system is read-only: name another folder',
  ENOSPC: 'there is no space left: the kit needs 100 MB'
}

async function inFolder (folder: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new Error(`the kit cannot be written to "${folder}": ${ADVICE[code] ?? message}`, { cause: error })
  }
}
