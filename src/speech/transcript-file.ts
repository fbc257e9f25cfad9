/** The lockfile on the disk: read whole with everything that is wrong with it, replaced whole or not at all. */
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { renameSync, statSync, type BigIntStats } from 'node:fs'
import { access, constants, open, readFile, readlink, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseTranscripts, type Transcripts } from './transcript-lines.ts'

/** Far more than anybody reviews; a file of that size is something else. */
export const MAX_LOCKFILE_BYTES = 67_108_864

/** A file that was read. */
export interface ReadTranscripts {
  entries: Transcripts
  bytes: number
  /** Differs as soon as anybody has written the file since; `ABSENT` when there is none. */
  stamp: string
}

/** The stamp of a file that does not exist. */
export const ABSENT = 'absent'

/**
 * Reads a lockfile; none is one without entries.
 *
 * @returns the file, or all that is wrong with it: one line each, without the name of the file
 */
export async function readTranscriptFile (path: string): Promise<ReadTranscripts | { problems: string[] }> {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined) return { entries: new Map(), bytes: 0, stamp: ABSENT }
    if (!stats.isFile()) return { problems: [stats.isDirectory() ? 'is a folder, not a file' : 'is not a file'] }
    if (stats.size > MAX_LOCKFILE_BYTES) {
      return { problems: [`has ${stats.size} bytes, at most ${MAX_LOCKFILE_BYTES} are read`] }
    }
    const bytes = await readFile(path)
    if (!isUtf8(bytes)) return { problems: [`line ${lineThatIsNotUtf8(bytes)}: is not UTF-8`] }
    const { entries, problems } = parseTranscripts(bytes.toString())
    // The stamp is older than the bytes if anything, so a change in between is found when the file is written.
    return problems.length > 0 ? { problems } : { entries, bytes: bytes.length, stamp: stampOf(stats) }
  } catch (error) {
    return { problems: [`cannot be read (${codeOf(error)})`] }
  }
}

function lineThatIsNotUtf8 (bytes: Buffer): number {
  return bytes.toString('latin1').split('\n').findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1
}

/** @returns why the file could not be written, as far as that can be known without writing it */
export async function whyNotWritable (path: string): Promise<string | undefined> {
  try {
    const target = await targetOf(path)
    const folder = dirname(target)
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) return `there is no folder ${folder}`
    if (statSync(target, { throwIfNoEntry: false }) !== undefined) await access(target, constants.W_OK)
    // The file is replaced by a new one, which takes the right to write in its folder.
    await access(folder, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `cannot be written (${codeOf(error)})`
  }
}

/**
 * Replaces the file if nobody has written it since it was read. Readers find the old text or the new one, never a
 * part; the file keeps its permissions, and a link stays a link.
 *
 * @param stamp of the text that was read
 * @returns the new stamp; undefined when somebody has written the file meanwhile, and nothing was done
 * @throws Error of the file system; nothing is left behind then
 */
export async function replaceTranscriptFile (path: string, text: string, stamp: string): Promise<string | undefined> {
  const target = await targetOf(path)
  const former = statSync(target, { bigint: true, throwIfNoEntry: false })
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(text)
      if (former !== undefined) await takeAfter(file, former)
      // Otherwise a machine that loses power could keep the new name and not what stands behind it.
      await file.sync()
    } finally {
      await file.close()
    }
    // Not a turn of the event loop between the two, so hardly anybody can write the file between them.
    if (stampAt(target) === stamp) {
      renameSync(temporary, target)
      return stampAt(target)
    }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await rm(temporary, { force: true })
  return undefined
}

async function takeAfter (file: Awaited<ReturnType<typeof open>>, { mode, uid, gid }: BigIntStats): Promise<void> {
  // Only root may give a file away, as in a container that works in a folder of its host's user.
  await file.chown(Number(uid), Number(gid)).catch(() => {})
  await file.chmod(Number(mode) & 0o777)
}

/** The file behind links, also behind one that leads to no file yet. */
async function targetOf (path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const link = await readlink(path).catch(() => undefined)
    return link === undefined ? resolve(path) : resolve(dirname(path), link)
  }
}

function stampAt (path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? ABSENT : stampOf(stats)
}

function stampOf ({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs}`
}

/** `ENOSPC` and the like, for people who look them up. */
export function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? String(error)
}
