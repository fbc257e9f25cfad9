/** Utterances of an engine → text in the vendor's habits (fidelity.md, source 2, "Text habits"). */
import type { Utterance } from './recognizer.ts'

/** What an engine prints for noise, laughter and words that it does not know: `<unk>`, `[noise]`. */
const MARKER = /^[<[].*[>\]]$/

/** Marks that the vendor never writes. Apostrophes and hyphens inside a word are part of it and stay. */
const PUNCTUATION = /[.,!?;:"“”…。、，！？；：「」『』()（）]|(?<![\p{L}\p{N}])['’-]|['’-](?![\p{L}\p{N}])/gu

/** A blank that may stay in Japanese and Chinese: between two words in Latin letters or digits. */
const BLANK_NOT_BETWEEN_LATIN = /(?<![\p{Script=Latin}\p{Nd}]) | (?![\p{Script=Latin}\p{Nd}])/gu

/**
 * Joins utterances: no punctuation, Latin letters in lower case, one blank between words or none, nothing at the
 * ends. Silence gives the empty text.
 *
 * @param hasBlanksBetweenWords false for languages written without blanks
 */
export function toTranscript (utterances: readonly Utterance[], hasBlanksBetweenWords: boolean): string {
  const text = utterances
    .flatMap((utterance) => utterance.split(/\s+/))
    .filter((word) => !MARKER.test(word))
    .map((word) => word.normalize('NFC').toLowerCase().replace(PUNCTUATION, ''))
    .filter((word) => word !== '')
    .join(' ')
  return hasBlanksBetweenWords ? text : text.replace(BLANK_NOT_BETWEEN_LATIN, '')
}
