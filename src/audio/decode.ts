/** From the bytes of an upload to PCM: which way a file goes. The only entry of this folder. */
import { ApiError } from '../errors/api-error.ts'
import { createDecoderPool } from './decoder-pool.ts'
import { PCM_SAMPLE_RATE_HERTZ, samplesToMs, type AudioFacts, type Pcm } from './pcm.ts'
import { probe, type Probe } from './probe.ts'
import { sniff } from './sniff.ts'
import { decodePlainWav, isPlainWav } from './wav.ts'

/** A decoded upload. */
export interface Decoded {
  pcm: Pcm
  facts: AudioFacts
  /**
   * How much of `pcm.durationMs` may be what an encoder has added to what was recorded: 0 for WAV and FLAC, two
   * samples for lossy files that tell it (it is taken away), 200 ms for lossy files that cannot.
   */
  paddingMs: number
}

export interface AudioDecoder {
  /**
   * Decodes one upload. Of a sound longer than 61 s at most the first 61 s are decoded, but its duration is more than
   * 60000 ms: whoever asks can tell.
   *
   * @param bytes the body as it came; not changed
   * @throws STT_DECODE_FAILED when the bytes are no sound that is decoded here; its `reason` says what they are
   * @throws GATEWAY_ENDPOINT_ERROR when too many files wait for a decoder
   * @throws the signal's reason, when it aborts
   */
  decode (bytes: Buffer, signal: AbortSignal): Promise<Decoded>
  /** Ends the children; to be called once, at the end. */
  close (): Promise<void>
}

export interface AudioDecoderOptions {
  /** Files that are decoded at the same time, 1.. */
  childCount: number
  /** Files that may wait for their turn, 0.. */
  queueLength: number
  /** For one file, from the start of its decoding; 5000 unless given. */
  timeoutMs?: number
  /** M4A and WebM, which the vendor does not list, are decoded too. */
  acceptsM4aWebm?: boolean
}

/** One second more than the longest sound that is accepted: makes bombs harmless. */
const MAX_SECONDS = 61
/** Enough to see whether a sound that is too long can be decoded at all. */
const GLIMPSE_SECONDS = 1
/** Resamplers round; a duration that is off by more than this is not the container's. */
const TOLERATED_SAMPLES = 2

/**
 * Plain WAV is decoded at once in this process, everything else by a child.
 *
 * @returns a decoder that holds no process until the first file needs one
 */
export function createAudioDecoder (options: AudioDecoderOptions): AudioDecoder {
  const pool = createDecoderPool(options)

  async function decode (bytes: Buffer, signal: AbortSignal): Promise<Decoded> {
    signal.throwIfAborted()
    const found = inspect(bytes, options.acceptsM4aWebm ?? false)
    const { wavHeader, facts, paddingMs } = found
    const pcm = wavHeader !== undefined && isPlainWav(wavHeader)
      ? await decodePlainWav(found.bytes, wavHeader, signal)
      : await decodeInChild(found, signal)
    return { pcm, facts, paddingMs }
  }

  async function decodeInChild (found: Probe, signal: AbortSignal): Promise<Pcm> {
    const { bytes, demuxer, countedMs = 0, claimedMs = 0 } = found
    const isTooLong = countedMs > MAX_SECONDS * 1000
    const maxSeconds = isTooLong ? GLIMPSE_SECONDS : MAX_SECONDS
    const { samples, log } = await pool.run({ bytes, demuxer, maxSeconds }, signal)
    // A sound that is shorter than the resampler's filter gives no sample, and no complaint either.
    if (samples.length === 0 && (log !== '' || claimedMs === 0)) {
      throw decodeFailed(`no sample could be decoded: ${log.trim() || 'the decoder says nothing'}`)
    }
    return { samples, durationMs: isTooLong ? countedMs : durationOf(samples.length, claimedMs) }
  }

  return { decode, close: () => pool.close() }
}

/** @throws STT_DECODE_FAILED for everything that no decoder needs to see */
function inspect (bytes: Buffer, acceptsM4aWebm: boolean): Probe {
  const sniffed = sniff(bytes)
  if ('refusal' in sniffed && !(acceptsM4aWebm && sniffed.unlisted !== undefined)) throw decodeFailed(sniffed.refusal)
  const container = 'refusal' in sniffed ? sniffed.unlisted! : sniffed.container
  const probing = probe(container, bytes.subarray(sniffed.startOffset))
  if ('problem' in probing) throw decodeFailed(probing.problem)
  return probing
}

/** The container knows to the sample how long the sound is, if it tells the truth: then the samples agree with it. */
function durationOf (sampleCount: number, claimedMs: number): number {
  const differenceInSamples = Math.abs(claimedMs * PCM_SAMPLE_RATE_HERTZ / 1000 - sampleCount)
  const isShorterThanFilter = sampleCount === 0
  return differenceInSamples <= TOLERATED_SAMPLES || isShorterThanFilter ? claimedMs : samplesToMs(sampleCount)
}

function decodeFailed (reason: string): ApiError {
  return new ApiError('STT_DECODE_FAILED', { reason })
}
