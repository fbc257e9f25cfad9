/** What tests replace: time and identifiers. Nothing else in `src` asks the machine for either. */
import { randomFillSync } from 'node:crypto'

/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number
  /** Milliseconds from an arbitrary start that never goes back; for measuring durations. */
  monotonicMs(): number
}

/** Where identifiers come from. */
export interface IdSource {
  /** A new `x-ncp-trace-id`: 26 characters of `[0-9a-z]` (fidelity.md, source 2). */
  traceId(): string
}

export interface Ports {
  clock: Clock
  ids: IdSource
}

const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now()
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'
const TRACE_ID_CHARACTERS = 26
// The largest multiple of 36 below 256: bytes from there on would favour the first letters, so they are skipped.
const UNBIASED_BELOW = 252
/** Asking the system for randomness costs more than all else here: it is asked once for a hundred ids. */
const POOL_BYTES = 4096

export const randomIds: IdSource = createRandomIds()

function createRandomIds (): IdSource {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES

  function nextByte (): number {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    return pool[used++]!
  }

  return {
    traceId () {
      let id = ''
      while (id.length < TRACE_ID_CHARACTERS) {
        const byte = nextByte()
        if (byte < UNBIASED_BELOW) id += ALPHABET[byte % ALPHABET.length]
      }
      return id
    }
  }
}

export const systemPorts: Ports = { clock: systemClock, ids: randomIds }
