/**
 * Every error that the emulator can answer, as data. The order inside a layer is the vendor's, by code.
 *
 * `message` and `details` are the vendor's wording, byte for byte, its grammar included. Two rows may share a wire
 * code (the two 200s); the key tells them apart. `docs/errors.md` is generated from this table.
 */

/** How sure we are: documented, observed, measured, inferred, unknown (docs/fidelity.md). */
export type Mark = 'D' | 'O' | 'M' | 'I' | 'U'

/** Who answers: the API Gateway, the STT service behind it, or the emulator's own control API. */
export type Layer = 'gateway' | 'service' | 'admin'

export interface CatalogueRow {
  layer: Layer
  httpStatus: number
  /** The code on the wire, always a string. */
  errorCode: string
  message: string
  /** Gateway rows only: the third field of the body. Admin rows may hold `{placeholder}`s in `message`. */
  details?: string
  /** What the caller did, in one sentence. */
  when: string
  mark: Mark
  /** Where the row comes from; the numbers are those of the sources in docs/fidelity.md. */
  source: string
}

export const CATALOGUE = {
  GATEWAY_BAD_REQUEST: {
    layer: 'gateway',
    httpStatus: 400,
    errorCode: '100',
    message: 'Bad Request Exception',
    details: 'Bad request.',
    when: 'The request is not HTTP, its URL is not decodable, it has no Host, or it was not finished in time.',
    mark: 'D',
    source: 'source 4.1; details invented, 4.2'
  },
  GATEWAY_CREDENTIALS_MISSING: {
    layer: 'gateway',
    httpStatus: 401,
    errorCode: '200',
    message: 'Authentication Failed',
    details: 'Authentication information are missing.',
    when: 'One of the two key headers, or both, is absent or empty.',
    mark: 'O',
    source: 'source 4.2'
  },
  GATEWAY_CREDENTIALS_INVALID: {
    layer: 'gateway',
    httpStatus: 401,
    errorCode: '200',
    message: 'Authentication Failed',
    details: 'Invalid authentication information.',
    when: 'Both key headers are there, but no application has that pair.',
    mark: 'O',
    source: 'source 4.2'
  },
  GATEWAY_NOT_SUBSCRIBED: {
    layer: 'gateway',
    httpStatus: 401,
    errorCode: '210',
    message: 'Permission Denied',
    details: 'A subscription to the API is required.',
    when: 'The application is in state `not_subscribed`.',
    mark: 'O',
    source: 'source 4.2'
  },
  GATEWAY_FORBIDDEN: {
    layer: 'gateway',
    httpStatus: 403,
    errorCode: '230',
    message: 'Forbidden',
    details: 'Forbidden.',
    when: 'Only an armed fault: no request of a client is known to lead here.',
    mark: 'D',
    source: 'source 4.1; details invented'
  },
  GATEWAY_URL_NOT_FOUND: {
    layer: 'gateway',
    httpStatus: 404,
    errorCode: '300',
    message: 'Not Found Exception',
    details: 'URL not found.',
    when: 'No such path, or a method other than POST on the right path.',
    mark: 'O',
    source: 'source 4.2'
  },
  GATEWAY_QUOTA_EXCEEDED: {
    layer: 'gateway',
    httpStatus: 429,
    errorCode: '400',
    message: 'Quota Exceeded',
    details: 'Quota exceeded.',
    when: 'The daily or monthly audio seconds of the application are used up.',
    mark: 'D',
    source: 'source 4.1, 5; details invented, 4.2'
  },
  GATEWAY_NOT_SELECTED: {
    layer: 'gateway',
    httpStatus: 429,
    errorCode: '400',
    message: 'Quota Exceeded',
    details: 'Quota exceeded.',
    when: 'The application is in state `not_selected`: CSR is not ticked in the console.',
    mark: 'D',
    source: 'source 4.3; details invented, 4.2'
  },
  GATEWAY_THROTTLE_LIMITED: {
    layer: 'gateway',
    httpStatus: 429,
    errorCode: '410',
    message: 'Throttle Limited',
    details: 'Rate exceeded.',
    when: 'Too many requests per second, where `CSR_RATE_ERROR` is `410`.',
    mark: 'D',
    source: 'source 4.1, 5; details invented, 4.2'
  },
  GATEWAY_RATE_LIMITED: {
    layer: 'gateway',
    httpStatus: 429,
    errorCode: '420',
    message: 'Rate Limited',
    details: 'Rate exceeded.',
    when: 'Too many requests per second (the default answer).',
    mark: 'O',
    source: 'source 4.2, 5; details invented'
  },
  GATEWAY_ENTITY_TOO_LARGE: {
    layer: 'gateway',
    httpStatus: 413,
    errorCode: '430',
    message: 'Request Entity Too Large',
    details: 'Request entity is too large.',
    when: 'Only an armed fault: too large an upload to CSR answers STT000.',
    mark: 'D',
    source: 'source 4.1; details invented, 4.2'
  },
  GATEWAY_ENDPOINT_ERROR: {
    layer: 'gateway',
    httpStatus: 503,
    errorCode: '500',
    message: 'Endpoint Error',
    details: 'Endpoint error.',
    when: 'More sounds wait for a recogniser or a decoder than `CSR_QUEUE_LENGTH` allows, or too many calls are under way.',
    mark: 'D',
    source: 'source 4.1; details invented, 4.2; used for overload: our choice'
  },
  GATEWAY_ENDPOINT_TIMEOUT: {
    layer: 'gateway',
    httpStatus: 504,
    errorCode: '510',
    message: 'Endpoint Timeout',
    details: 'Endpoint timed out.',
    when: 'Recognition took longer than `CSR_RECOGNITION_TIMEOUT_MS`.',
    mark: 'D',
    source: 'source 4.1; details invented, 4.2'
  },
  GATEWAY_UNEXPECTED_ERROR: {
    layer: 'gateway',
    httpStatus: 500,
    errorCode: '900',
    message: 'Unexpected Error',
    details: 'Unexpected error.',
    when: 'A defect of the emulator outside the service; its cause is in the log.',
    mark: 'D',
    source: 'source 4.1; details invented, 4.2'
  },
  STT_ENTITY_TOO_LARGE: {
    layer: 'service',
    httpStatus: 413,
    errorCode: 'STT000',
    message: 'Request Entity Too Large',
    when: 'The body has more than `CSR_MAX_BODY_BYTES` bytes.',
    mark: 'D',
    source: 'source 3; the exact byte is U, 1.2'
  },
  STT_TOO_LONG: {
    layer: 'service',
    httpStatus: 413,
    errorCode: 'STT001',
    message: 'Exceed Sound Data length',
    when: 'The sound is longer than `CSR_MAX_AUDIO_MS`.',
    mark: 'D',
    source: 'source 3; the exact edge is U, 1.2'
  },
  STT_CONTENT_TYPE_INVALID: {
    layer: 'service',
    httpStatus: 400,
    errorCode: 'STT002',
    message: 'Invalid Content Type',
    when: 'The Content-Type is absent, or its media type is not application/octet-stream.',
    mark: 'D',
    source: 'source 3; absence and parameters are U, 1.1'
  },
  STT_BODY_EMPTY: {
    layer: 'service',
    httpStatus: 400,
    errorCode: 'STT003',
    message: 'Empty Sound Data',
    when: 'The body has no byte.',
    mark: 'D',
    source: 'source 3'
  },
  STT_LANGUAGE_EMPTY: {
    layer: 'service',
    httpStatus: 400,
    errorCode: 'STT004',
    message: 'Empty Language',
    when: 'The query has no `lang`, or an empty one.',
    mark: 'D',
    source: 'source 3; the empty one is U, 1.1'
  },
  STT_LANGUAGE_INVALID: {
    layer: 'service',
    httpStatus: 400,
    errorCode: 'STT005',
    message: 'Invalid Language',
    when: '`lang` is not one of Kor, Eng, Jpn, Chn, in exactly that spelling.',
    mark: 'D',
    source: 'source 3; other cases of the letters are U, 1.1'
  },
  STT_DECODE_FAILED: {
    layer: 'service',
    httpStatus: 500,
    errorCode: 'STT006',
    message: 'Failed to pre-processing',
    when: 'The body is not sound in a format that is decoded, or is too damaged to give one sample.',
    mark: 'D',
    source: 'source 3'
  },
  STT_TOO_SHORT: {
    layer: 'service',
    httpStatus: 400,
    errorCode: 'STT007',
    message: 'Too Short Sound Data',
    when: 'The sound lasts `CSR_MIN_AUDIO_MS` or less.',
    mark: 'D',
    source: 'source 3'
  },
  STT_RECOGNITION_FAILED: {
    layer: 'service',
    httpStatus: 500,
    errorCode: 'STT998',
    message: 'Failed to STT',
    when: 'There is no usable model for the language, or the recogniser failed; the log says which.',
    mark: 'D',
    source: 'source 3'
  },
  STT_INTERNAL_ERROR: {
    layer: 'service',
    httpStatus: 500,
    errorCode: 'STT999',
    message: 'Internal Server Error',
    when: 'A defect of the emulator inside the service; its cause is in the log.',
    mark: 'D',
    source: 'source 3'
  },
  ADMIN_ROUTE_UNKNOWN: {
    layer: 'admin',
    httpStatus: 404,
    errorCode: 'ADMIN_ROUTE_UNKNOWN',
    message: 'the control API has no {method} {path}; openapi.yaml lists what it has',
    when: 'A path below /_emulator that does not exist, or a method that it does not take.',
    mark: 'I',
    source: 'emulator only'
  },
  ADMIN_UNEXPECTED_ERROR: {
    layer: 'admin',
    httpStatus: 500,
    errorCode: 'ADMIN_UNEXPECTED_ERROR',
    message: 'the emulator failed; its log has the cause under this trace id',
    when: 'A defect of the emulator in the control API.',
    mark: 'I',
    source: 'emulator only'
  }
} as const satisfies Record<string, CatalogueRow>

export type CatalogueKey = keyof typeof CATALOGUE

/** The rows that a client of the vendor can meet; none of them has a placeholder. */
export type VendorKey = {
  [Key in CatalogueKey]: (typeof CATALOGUE)[Key]['layer'] extends 'admin' ? never : Key
}[CatalogueKey]

/** The row of `key`, with the optional columns visible to the type checker. */
export function rowOf (key: CatalogueKey): CatalogueRow {
  return CATALOGUE[key]
}
