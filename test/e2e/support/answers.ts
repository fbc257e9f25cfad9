/**
 * The answers that the vendor gives, as bytes. Written out once more on purpose, and not taken from the catalogue of
 * src: a slip there must not move the expectation with it.
 *
 * @see contract.md 2, 3 and 4.2
 */

/** What a client sees of an answer. */
export interface ExpectedAnswer {
  status: number
  body: string
}

const sttError = (status: number, errorCode: string, message: string): ExpectedAnswer =>
  ({ status, body: `{"error":{"errorCode":"${errorCode}","message":"${message}"}}` })

const gatewayError = (status: number, errorCode: string, message: string, details: string): ExpectedAnswer =>
  ({ status, body: `{"error":{"errorCode":"${errorCode}","message":"${message}","details":"${details}"}}` })

export const transcript = (text: string): ExpectedAnswer => ({ status: 200, body: `{"text":"${text}"}` })

export const LIGHT = transcript('turn off the light please')
export const HELLO = transcript('hello')
export const SILENCE = transcript('')

export const TOO_LARGE = sttError(413, 'STT000', 'Request Entity Too Large')
export const TOO_LONG = sttError(413, 'STT001', 'Exceed Sound Data length')
export const WRONG_TYPE = sttError(400, 'STT002', 'Invalid Content Type')
export const EMPTY_BODY = sttError(400, 'STT003', 'Empty Sound Data')
export const NO_LANG = sttError(400, 'STT004', 'Empty Language')
export const BAD_LANG = sttError(400, 'STT005', 'Invalid Language')
export const NOT_DECODED = sttError(500, 'STT006', 'Failed to pre-processing')
export const TOO_SHORT = sttError(400, 'STT007', 'Too Short Sound Data')
export const NOT_RECOGNIZED = sttError(500, 'STT998', 'Failed to STT')

export const BAD_REQUEST = gatewayError(400, '100', 'Bad Request Exception', 'Bad request.')
export const NO_KEYS = gatewayError(401, '200', 'Authentication Failed', 'Authentication information are missing.')
export const WRONG_KEYS = gatewayError(401, '200', 'Authentication Failed', 'Invalid authentication information.')
export const NOT_FOUND = gatewayError(404, '300', 'Not Found Exception', 'URL not found.')
