/**
 * Turns a row of the catalogue into the bytes of an answer. Shape, key order, compactness and content type of error
 * bodies are decided here and nowhere else.
 */
import { rowOf, type CatalogueKey } from './catalogue.ts'

/** How the STT service wraps its errors; which of the two is true is not known (fidelity.md, source 3). */
export type SttErrorShape = 'nested' | 'flat'

/** Content type of every JSON answer, errors and transcripts alike (fidelity.md, source 2; seen at a sibling API). */
export const JSON_CONTENT_TYPE = 'application/json;charset=UTF-8'

export interface RenderedError {
  httpStatus: number
  /** Compact JSON without a trailing newline. */
  body: string
}

/**
 * Renders the answer for `key`.
 *
 * @param message the row's message with its placeholders filled; vendor rows have none
 */
export function renderError (
  key: CatalogueKey, shape: SttErrorShape, message: string = rowOf(key).message
): RenderedError {
  const { layer, httpStatus, errorCode, details } = rowOf(key)
  if (layer === 'service' && shape === 'flat') {
    return { httpStatus, body: JSON.stringify({ errorMessage: message, errorCode }) }
  }
  const error = details === undefined ? { errorCode, message } : { errorCode, message, details }
  return { httpStatus, body: JSON.stringify({ error }) }
}
