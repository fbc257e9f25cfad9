/** The `lang` values of the wire, in the order of the vendor's page (fidelity.md, source 1.1). */
import type { Language } from '../speech/recognizer.ts'

export type WireLanguage = 'Kor' | 'Eng' | 'Jpn' | 'Chn'

interface LanguageRow {
  language: Language
  /** Whether a blank stands between words; Japanese and Chinese are written without (fidelity.md, source 2). */
  hasBlanksBetweenWords: boolean
}

export const WIRE_LANGUAGES: Readonly<Record<WireLanguage, LanguageRow>> = {
  Kor: { language: 'kor', hasBlanksBetweenWords: true },
  Eng: { language: 'eng', hasBlanksBetweenWords: true },
  Jpn: { language: 'jpn', hasBlanksBetweenWords: false },
  Chn: { language: 'chn', hasBlanksBetweenWords: false }
}

export function isWireLanguage (value: string): value is WireLanguage {
  return Object.hasOwn(WIRE_LANGUAGES, value)
}
