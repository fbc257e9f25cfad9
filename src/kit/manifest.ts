/** What the kit says of its files, and the rule by which a file gets its answer. */

/** The answer that a right call with a file must get. */
export interface KitAnswer {
  /** HTTP status. */
  status: number
  /** `STT…`, unless the status is 200. */
  errorCode?: string
  /** What the body's `text` must be, when the status is 200; absent: any text will do. */
  text?: string
}

/** One file of the kit. */
export interface KitFile {
  /** Below the folder of the kit, with `/`. */
  file: string
  /** The folder: `wav`, `mp3`, `aac`, `ac3`, `ogg`, `opus`, `flac`, or `other` for what CSR does not take. */
  format: string
  /** In plain words. */
  about: string
  /** The value of `lang` for the call. */
  lang: string
  bytes: number
  /** Of the whole file, hexadecimal. */
  sha256: string
  /** How long the sound was before it was encoded, ms; null when there was none. */
  recordedMs: number | null
  /**
   * How long the sound is when FFmpeg has decoded it, ms, to the microsecond; null when the file is in no format that
   * CSR takes, or has no sound.
   */
  decodedMs: number | null
  answer: KitAnswer
}

/** `manifest.json` of a kit. */
export interface KitManifest {
  version: 1
  /** By `file`, in the order of their UTF-16 units. */
  files: KitFile[]
}

/** What the rule looks at. */
export interface Measured {
  bytes: number
  decodedMs: number | null
  /** How much of `decodedMs` may be padding of which the file does not tell, ms. */
  allowanceMs: number
  /** For an answer with status 200. */
  text: string | undefined
}

const MAX_BYTES = 3_145_728
const MAX_SOUND_MS = 60_000
/** A sound of this length is too short already. */
const TOO_SHORT_MS = 400

/** In the order in which the service looks: the first row that applies is the answer. */
const REFUSALS: ReadonlyArray<{ applies: (file: Measured) => boolean, status: number, errorCode: string }> = [
  { applies: ({ bytes }) => bytes > MAX_BYTES, status: 413, errorCode: 'STT000' },
  { applies: ({ bytes }) => bytes === 0, status: 400, errorCode: 'STT003' },
  { applies: ({ decodedMs }) => decodedMs === null, status: 500, errorCode: 'STT006' },
  {
    applies: ({ decodedMs, allowanceMs }) => (decodedMs ?? 0) - allowanceMs > MAX_SOUND_MS,
    status: 413,
    errorCode: 'STT001'
  },
  { applies: ({ decodedMs }) => (decodedMs ?? 0) <= TOO_SHORT_MS, status: 400, errorCode: 'STT007' }
]

/** The documented limits of CSR, applied to one file. Nothing is asked of the emulator. */
export function answerFor (file: Measured): KitAnswer {
  const refusal = REFUSALS.find(({ applies }) => applies(file))
  if (refusal !== undefined) return { status: refusal.status, errorCode: refusal.errorCode }
  return file.text === undefined ? { status: 200 } : { status: 200, text: file.text }
}
