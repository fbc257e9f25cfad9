/** The use case: sound → text, with where the text came from. */
import type { Pcm } from '../audio/pcm.ts'
import type { Language, Recognizer } from './recognizer.ts'
import { toTranscript } from './transcript.ts'

/** Where a text came from; in the log of each call. */
type TranscriptSource = 'recognized'

export interface Transcript {
  text: string
  source: TranscriptSource
}

/**
 * Recognises a sound and writes it down in the vendor's habits.
 *
 * @param pcm handed over to the recogniser: the caller must not touch it afterwards
 * @throws STT_RECOGNITION_FAILED, GATEWAY_ENDPOINT_ERROR, GATEWAY_ENDPOINT_TIMEOUT as the recogniser does
 */
export async function transcribe (
  recognizer: Recognizer,
  pcm: Pcm,
  language: Language,
  hasBlanksBetweenWords: boolean,
  signal: AbortSignal
): Promise<Transcript> {
  const utterances = await recognizer.recognize(pcm, language, signal)
  return { text: toTranscript(utterances, hasBlanksBetweenWords), source: 'recognized' }
}
