import { rowOf, type CATALOGUE, type CatalogueKey } from './catalogue.ts'

/** The names in the `{…}` of a text, as a union: `'a {x} b {y}'` gives `'x' | 'y'`. */
type PlaceholdersOf<Text extends string> =
  Text extends `${string}{${infer Name}}${infer Rest}` ? Name | PlaceholdersOf<Rest> : never

/** Exactly the parameters that the message of `Key` needs. */
type ParametersOf<Key extends CatalogueKey> =
  Record<PlaceholdersOf<(typeof CATALOGUE)[Key]['message']>, string>

interface ApiErrorOptions<Key extends CatalogueKey> {
  /** For the log only: why it came to this, in plain words. Never sent to the client. */
  reason?: string
  cause?: unknown
  parameters?: ParametersOf<Key>
}

/** Rows without placeholders need no options; rows with placeholders need exactly theirs. */
type ApiErrorArguments<Key extends CatalogueKey> =
  [PlaceholdersOf<(typeof CATALOGUE)[Key]['message']>] extends [never]
    ? [options?: Omit<ApiErrorOptions<Key>, 'parameters'>]
    : [options: ApiErrorOptions<Key> & { parameters: ParametersOf<Key> }]

/**
 * The one error that any step of a request may throw. It names a row of the catalogue and knows nothing of HTTP;
 * `http/error-exits.ts` is the only place that turns it into an answer.
 */
export class ApiError<Key extends CatalogueKey = CatalogueKey> extends Error {
  override readonly name = 'ApiError'
  readonly key: Key
  readonly reason: string | undefined

  constructor (key: Key, ...[options]: ApiErrorArguments<Key>) {
    const { reason, cause, parameters } = (options ?? {}) as ApiErrorOptions<Key>
    super(fill(rowOf(key).message, parameters), { cause })
    this.key = key
    this.reason = reason
  }
}

function fill (text: string, parameters: Record<string, string> | undefined): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => parameters?.[name] ?? '')
}
