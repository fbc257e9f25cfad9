/** A map with a limit in bytes; what was not asked for the longest time goes first. */

interface Entry<Value> {
  value: Value
  bytes: number
}

/** Values by text. The caller says how much memory each takes. */
export class BoundedMap<Value> {
  readonly #maxBytes: number
  readonly #bytesOf: (key: string, value: Value) => number
  /** In the order of their last use, which is the order in which a Map keeps its keys. */
  readonly #entries = new Map<string, Entry<Value>>()
  #bytes = 0

  /**
   * @param maxBytes 0 keeps nothing
   * @param bytesOf what one entry takes, with everything that belongs to it
   */
  constructor (maxBytes: number, bytesOf: (key: string, value: Value) => number) {
    this.#maxBytes = maxBytes
    this.#bytesOf = bytesOf
  }

  /** What all entries take, by the caller's own count. */
  get bytes (): number {
    return this.#bytes
  }

  /** The value of a key, which counts as a use of it. */
  get (key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Adds or replaces a value, and drops others as long as there is no room. One that never has room is not kept. */
  set (key: string, value: Value): void {
    this.#delete(key)
    const bytes = this.#bytesOf(key, value)
    if (bytes > this.#maxBytes) return
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#delete(oldest)
    }
  }

  #delete (key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
