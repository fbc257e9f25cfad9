/**
 * The form of the transcript lockfile: JSON Lines, one sound in one language for each line, sorted, so that git shows
 * one changed text as one changed line and merges what two people added. Text in, text out; no files here.
 */
import { LANGUAGES, type Language } from './recognizer.ts'

/** One line. The order of the fields is the one in which they are written. */
export interface TranscriptEntry {
  /** SHA-256 of the decoded samples, in hexadecimal. */
  audio: string
  language: Language
  /** Empty for a sound without words. */
  text: string
  /** With what it was recognised: `EngineIdentity`. */
  engine: string
  model: string
  /** For readers only. */
  durationMs: number
}

/** Entries by `keyOfEntry`. */
export type Transcripts = Map<string, TranscriptEntry>

/** What a lockfile says, as far as it could be read, and what is wrong with the rest: one line each. */
export interface TranscriptsReading {
  entries: Transcripts
  problems: string[]
}

/** The key of an entry. In its order the lines stand in the file. */
export function keyOfEntry (audio: string, language: Language): string {
  return `${audio} ${language}`
}

interface Field {
  takes: string
  isRight (value: unknown): boolean
}

const isText = (value: unknown): value is string => typeof value === 'string'

const FIELDS: Readonly<Record<keyof TranscriptEntry, Field>> = {
  audio: {
    takes: '64 hexadecimal digits',
    isRight: (value) => isText(value) && /^[0-9a-f]{64}$/.test(value)
  },
  language: {
    takes: LANGUAGES.join(', '),
    isRight: (value) => LANGUAGES.some((each) => each === value)
  },
  text: { takes: 'text', isRight: isText },
  engine: { takes: 'text that is not empty', isRight: (value) => isText(value) && value !== '' },
  model: {
    takes: '16 to 64 hexadecimal digits',
    isRight: (value) => isText(value) && /^[0-9a-f]{16,64}$/.test(value)
  },
  durationMs: {
    takes: 'a number from 0',
    isRight: (value) => typeof value === 'number' && value >= 0 && value < Infinity
  }
}

const NAMES = Object.keys(FIELDS) as (keyof TranscriptEntry)[]

/** What git leaves in a file that it could not merge. */
const CONFLICT_MARKER = /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/

/** A file that is something else altogether has as many problems as lines. */
const MAX_PROBLEMS = 20

/**
 * Reads the text of a lockfile. Lines may end with CRLF, may be empty, may be in any order, and may be there twice, as
 * after a merge by union.
 */
export function parseTranscripts (text: string): TranscriptsReading {
  const entries: Transcripts = new Map()
  const lineNumbers = new Map<string, number>()
  const problems: string[] = []
  for (const [index, line] of text.replace(/^\uFEFF/, '').split('\n').entries()) {
    const content = line.trim()
    if (content === '') continue
    const reading = parseLine(content)
    if ('problem' in reading) {
      problems.push(`line ${index + 1}: ${reading.problem}`)
      continue
    }
    const { entry } = reading
    const key = keyOfEntry(entry.audio, entry.language)
    const first = entries.get(key)
    if (first !== undefined && first.text !== entry.text) {
      problems.push(`line ${index + 1}: another text for the sound of line ${lineNumbers.get(key)}: delete one of the two`)
    }
    entries.set(key, entry)
    lineNumbers.set(key, index + 1)
  }
  const surplus = problems.splice(MAX_PROBLEMS)
  if (surplus.length > 0) problems.push(`and ${surplus.length} lines more`)
  return { entries, problems }
}

function parseLine (line: string): { entry: TranscriptEntry } | { problem: string } {
  if (CONFLICT_MARKER.test(line)) {
    return { problem: `a conflict that git has left (${line.slice(0, 7)}): keep the right lines and delete this one` }
  }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { problem: 'is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'is not a JSON object' }
  const found = Object.keys(value)
  if (found.some((name) => !Object.hasOwn(FIELDS, name))) {
    return { problem: `has a field of another name than ${NAMES.join(', ')}` }
  }
  const missing = NAMES.filter((name) => !found.includes(name))
  if (missing.length > 0) return { problem: `${missing.join(', ')} is missing` }
  const entry = value as TranscriptEntry
  const wrong = NAMES.find((name) => !FIELDS[name].isRight(entry[name]))
  return wrong === undefined ? { entry } : { problem: `${wrong} must be ${FIELDS[wrong].takes}` }
}

/** One line of the file with its end. */
export function renderTranscript ({ audio, language, text, engine, model, durationMs }: TranscriptEntry): string {
  return `${JSON.stringify({ audio, language, text, engine, model, durationMs })}\n`
}

/** The text of a lockfile: the same entries give the same bytes. */
export function renderTranscripts (entries: ReadonlyMap<string, TranscriptEntry>): string {
  return [...entries].sort(([one], [other]) => one < other ? -1 : 1).map(([, entry]) => renderTranscript(entry)).join('')
}
