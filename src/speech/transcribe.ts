/** The use case: sound → text, with where the text came from. */
import { ApiError } from '../errors/api-error.ts'
import type { Language, Recognizer } from './recognizer.ts'
import { createSharedWork } from './shared-work.ts'
import type { Sound } from './sound.ts'
import { createTranscriptCache } from './transcript-cache.ts'
import type { TranscriptEntry } from './transcript-lines.ts'
import type { TranscriptLockfile } from './transcript-lockfile.ts'
import { toTranscript } from './transcript.ts'

/**
 * Where a text came from; in the log of each call. `shared`: another call was having the same sound recognised, and
 * this one waited for its text.
 */
export type TranscriptSource = 'recognized' | 'shared' | 'cache' | 'lockfile'

export interface Transcript {
  text: string
  source: TranscriptSource
}

export interface TranscriberOptions {
  recognizer: Recognizer
  /** For texts in memory; 0 recognises the sound of every call, also of calls at the same time. */
  cacheBytes: number
  /** Asked before everything else. */
  lockfile?: TranscriptLockfile | undefined
}

export interface Transcriber {
  /**
   * Writes a sound down in the vendor's habits: from the lockfile, from memory, or by the recogniser. Only what was
   * recognised is remembered; a failure is not.
   *
   * @param hasBlanksBetweenWords a property of the language
   * @param signal when it aborts, the recognition goes on as long as another call waits for it
   * @throws STT_RECOGNITION_FAILED when a strict lockfile does not have the sound
   * @throws STT_RECOGNITION_FAILED, GATEWAY_ENDPOINT_ERROR, GATEWAY_ENDPOINT_TIMEOUT as the recogniser does
   * @throws the signal's reason, when it aborts
   */
  transcribe (
    sound: Sound, language: Language, hasBlanksBetweenWords: boolean, signal: AbortSignal
  ): Promise<Transcript>
}

export function createTranscriber ({ recognizer, cacheBytes, lockfile }: TranscriberOptions): Transcriber {
  const cache = createTranscriptCache(cacheBytes)
  const recognitions = createSharedWork<string>()

  async function recognize (
    sound: Sound, language: Language, hasBlanksBetweenWords: boolean, signal: AbortSignal
  ): Promise<string> {
    const pcm = await sound.takePcm(signal)
    const text = toTranscript(await recognizer.recognize(pcm, language, signal), hasBlanksBetweenWords)
    cache.set(sound.digest, language, text)
    if (lockfile !== undefined) await record(lockfile, sound, language, text)
    return text
  }

  async function record (
    { record }: TranscriptLockfile, { digest, durationMs }: Sound, language: Language, text: string
  ): Promise<void> {
    const identity = await recognizer.identityOf(language)
    if (identity === undefined) return
    const { engine, modelDigest: model } = identity
    record({ audio: digest, language, text, engine, model, durationMs: Math.round(durationMs * 100) / 100 })
  }

  async function agreedText ({ mode, name, find }: TranscriptLockfile, audio: string, language: Language) {
    const entry = find(audio, language)
    if (mode === 'strict') return entry?.text ?? refuse(audio, language, name)
    return entry !== undefined && await isUpToDate(entry) ? entry.text : undefined
  }

  async function isUpToDate ({ language, engine, model }: TranscriptEntry): Promise<boolean> {
    const identity = await recognizer.identityOf(language)
    // With nothing to recognise it, what was written down is the best there is.
    return identity === undefined || (identity.engine === engine && identity.modelDigest === model)
  }

  return {
    async transcribe (sound, language, hasBlanksBetweenWords, signal) {
      const agreed = lockfile && await agreedText(lockfile, sound.digest, language)
      if (agreed !== undefined) return { text: agreed, source: 'lockfile' }
      const run = (until: AbortSignal) => recognize(sound, language, hasBlanksBetweenWords, until)
      if (cacheBytes === 0) return { text: await run(signal), source: 'recognized' }
      const cached = cache.get(sound.digest, language)
      if (cached !== undefined) return { text: cached, source: 'cache' }
      const { value: text, isJoined } = await recognitions.run(`${sound.digest} ${language}`, signal, run)
      return { text, source: isJoined ? 'shared' : 'recognized' }
    }
  }
}

function refuse (audio: string, language: Language, name: string): never {
  throw new ApiError('STT_RECOGNITION_FAILED', {
    reason: `the sound ${audio.slice(0, 12)}… (${language}) is not in ${name} and CSR_TRANSCRIPTS_MODE=strict: ` +
      'run once with update and commit the file'
  })
}
