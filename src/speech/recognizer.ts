/** The port that an engine implements, and the words that it speaks. */
import type { Pcm } from '../audio/pcm.ts'

/** A language as the engine knows it; the wire's spelling is `csr/languages.ts`' business. */
export type Language = 'kor' | 'eng' | 'jpn' | 'chn'

export const LANGUAGES: readonly Language[] = ['kor', 'eng', 'jpn', 'chn']

/** Speech between two silences: the words joined by single blanks, as the engine gave them. */
export type Utterance = string

/** What a text depends on besides the sound and its language: the same identity gives the same text. */
export interface EngineIdentity {
  /** The engine with whatever of it decides the text, as a short name. */
  engine: string
  /** A digest of the model's files: hexadecimal, 16 digits or more. */
  modelDigest: string
}

export interface Recognizer {
  /**
   * Recognises one sound.
   *
   * @param pcm the samples are handed over: the caller must not touch them afterwards
   * @param signal aborts the work; the promise then rejects with the signal's reason
   * @returns the utterances in the order of time; none for silence
   * @throws STT_RECOGNITION_FAILED when the language has no usable model or the engine failed
   * @throws GATEWAY_ENDPOINT_ERROR when too many sounds wait already
   * @throws GATEWAY_ENDPOINT_TIMEOUT when the work took too long, counted from when it started
   */
  recognize (pcm: Pcm, language: Language, signal: AbortSignal): Promise<Utterance[]>
  /**
   * With what a language is recognised. Worked out at the first question, which may take as long as reading the model,
   * and the same for the whole life of the recogniser.
   *
   * @returns undefined when there is nothing that could recognise the language
   * @throws STT_RECOGNITION_FAILED when the model cannot be read
   */
  identityOf (language: Language): Promise<EngineIdentity | undefined>
}
