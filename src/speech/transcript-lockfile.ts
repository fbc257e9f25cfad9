/** Texts that a team has agreed on, in a file that it commits: looked up, added to, and written down. */
import { basename } from 'node:path'
import type { Language } from './recognizer.ts'
import {
  ABSENT, codeOf, MAX_LOCKFILE_BYTES, readTranscriptFile, replaceTranscriptFile, whyNotWritable, type ReadTranscripts
} from './transcript-file.ts'
import { keyOfEntry, renderTranscript, renderTranscripts, type TranscriptEntry, type Transcripts } from './transcript-lines.ts'

/** `update` adds what is not there; `strict` answers from the file alone. */
export type LockfileMode = 'update' | 'strict'

export interface TranscriptLockfile {
  readonly mode: LockfileMode
  /** The name of the file, without its folder. */
  readonly name: string
  /** How many texts there are for a language. */
  countOf (language: Language): number
  /** @param audio SHA-256 of the samples, in hexadecimal */
  find (audio: string, language: Language): TranscriptEntry | undefined
  /** Adds an entry or replaces it; it is in the file a little later. Nothing is thrown when it cannot be written. */
  record (entry: TranscriptEntry): void
  /** Writes what is not written yet. */
  close (): Promise<void>
}

export interface LockfileOptions {
  path: string
  mode: LockfileMode
  /** What `loadLockfile` gave. */
  loaded: ReadTranscripts
  /** Told in one line that the file could not be written. */
  onProblem (message: string): void
  /** Runs something a little later; replaced by tests. */
  schedule? (run: () => void): void
}

/** Sounds come in bursts; the file is written once for what has gathered in that time. */
const GATHERING_MS = 200
/** How often a file that others keep writing is read again before the next change has to do. */
const MAX_ATTEMPTS = 5

/**
 * Reads a lockfile before the start.
 *
 * @returns what stands in it, or everything that is wrong, one line each, naming the file
 */
export async function loadLockfile (
  path: string, mode: LockfileMode
): Promise<{ loaded: ReadTranscripts } | { problems: string[] }> {
  const reading = await readTranscriptFile(path)
  if ('problems' in reading) return { problems: reading.problems.map((problem) => `${path}: ${problem}`) }
  if (mode === 'strict') {
    return reading.stamp === ABSENT
      ? { problems: [`${path}: there is no such file: run once with CSR_TRANSCRIPTS_MODE=update`] }
      : { loaded: reading }
  }
  const problem = await whyNotWritable(path)
  return problem === undefined ? { loaded: reading } : { problems: [`${path}: ${problem}`] }
}

/** The lockfile of a process that runs. */
export function openLockfile (options: LockfileOptions): TranscriptLockfile {
  const { path, mode, loaded, onProblem, schedule = runLater } = options
  let { entries: written, stamp, bytes } = loaded
  /** What is not in the file yet. */
  const waiting: Transcripts = new Map()
  let isWriteDue = false
  let lastWrite = Promise.resolve()

  function record (entry: TranscriptEntry): void {
    const key = keyOfEntry(entry.audio, entry.language)
    if (hasSameOrigin(written.get(key), entry)) return
    const lineBytes = Buffer.byteLength(renderTranscript(entry))
    if (bytes + lineBytes > MAX_LOCKFILE_BYTES) {
      onProblem(`${path}: is full (${MAX_LOCKFILE_BYTES} bytes), new transcripts are not written`)
      return
    }
    bytes += lineBytes
    waiting.set(key, entry)
    if (isWriteDue) return
    isWriteDue = true
    schedule(() => {
      isWriteDue = false
      write()
    })
  }

  /** One write at a time; each takes everything that waits when its turn comes. */
  function write (): void {
    lastWrite = lastWrite.then(writeWaiting)
  }

  async function writeWaiting (): Promise<void> {
    if (waiting.size === 0) return
    const problem = await writeDown(new Map(waiting)).catch((error: unknown) => `cannot be written (${codeOf(error)})`)
    if (problem !== undefined) onProblem(`${path}: ${problem}; new transcripts that are not in it: ${waiting.size}`)
  }

  /** @returns why the file could not be written; also rejects with errors of the file system */
  async function writeDown (added: Transcripts): Promise<string | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (await tryToWrite(added)) return undefined
      const reading = await readTranscriptFile(path)
      // Never written over: it may be in the middle of a merge.
      if ('problems' in reading) return reading.problems[0]
      written = reading.entries
      stamp = reading.stamp
    }
    return 'others keep writing it'
  }

  /** @returns false when somebody else has written the file since it was read, and nothing was done */
  async function tryToWrite (added: Transcripts): Promise<boolean> {
    const merged = new Map(written)
    for (const [key, entry] of added) {
      // Somebody else has written it down or corrected it meanwhile.
      if (!hasSameOrigin(written.get(key), entry)) merged.set(key, entry)
    }
    const text = renderTranscripts(merged)
    const newStamp = await replaceTranscriptFile(path, text, stamp)
    if (newStamp === undefined) return false
    written = merged
    stamp = newStamp
    bytes = Buffer.byteLength(text)
    for (const [key, entry] of added) if (waiting.get(key) === entry) waiting.delete(key)
    return true
  }

  return {
    mode,
    name: basename(path),
    countOf (language) {
      const keys = new Set([...written.keys(), ...waiting.keys()])
      return [...keys].filter((key) => key.endsWith(` ${language}`)).length
    },
    find (audio, language) {
      const key = keyOfEntry(audio, language)
      return waiting.get(key) ?? written.get(key)
    },
    record,
    async close () {
      write()
      await lastWrite
    }
  }
}

/** The same engine and model would give the same text, so what stands there already is right, or was put right. */
function hasSameOrigin (former: TranscriptEntry | undefined, { engine, model }: TranscriptEntry): boolean {
  return former !== undefined && former.engine === engine && former.model === model
}

function runLater (run: () => void): void {
  // Closing writes what waits, so the timer need not keep the process alive.
  setTimeout(run, GATHERING_MS).unref()
}
