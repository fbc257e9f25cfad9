/** From the bytes of an upload to PCM: which way a file goes. The only entry of this folder. */
import { ApiError } from '../errors/api-error.ts'
import { createDecoderPool } from './decoder-pool.ts'
import { PCM_SAMPLE_RATE_HERTZ, samplesToMs, type AudioFacts, type Pcm } from './pcm.ts'
import { sniff } from './sniff.ts'
import { countFrames, readWavHeader, type WavHeader } from './wav-header.ts'
import { decodePlainWav, isPlainWav } from './wav.ts'

/** A decoded upload. */
export interface Decoded {
  pcm: Pcm
  facts: AudioFacts
}

export interface AudioDecoder {
  /**
   * Decodes one upload. Of a sound longer than 61 s only the first 61 s are decoded, but its duration is more than
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
}

/** What FFmpeg is given. A rate of 1 Hz costs it half a gigabyte; nobody records outside of these. */
const MIN_RATE_HERTZ = 1000
const MAX_RATE_HERTZ = 384_000
const MAX_CHANNEL_COUNT = 8
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
    const sniffed = sniff(bytes)
    if ('refusal' in sniffed) throw decodeFailed(sniffed.refusal)
    const reading = readWavHeader(bytes)
    if ('problem' in reading) throw decodeFailed(reading.problem)
    const { header } = reading
    const { encoding, sampleRateHertz, channelCount } = header
    const decodeWav = isPlainWav(header) ? decodePlainWav : decodeInChild
    const pcm = await decodeWav(bytes, header, signal)
    return { pcm, facts: { container: sniffed.container, encoding, sampleRateHertz, channelCount } }
  }

  async function decodeInChild (bytes: Buffer, header: WavHeader, signal: AbortSignal): Promise<Pcm> {
    requireSaneHeader(header)
    const { samples, log } = await pool.run({ bytes: withAllBitsValid(bytes, header), demuxer: 'wav' }, signal)
    if (samples.length === 0) {
      throw decodeFailed(`no sample could be decoded: ${log.trim() || 'the decoder says nothing'}`)
    }
    return { samples, durationMs: durationOf(samples.length, header) }
  }

  return { decode, close: () => pool.close() }
}

function requireSaneHeader ({ formatTag, encoding, sampleRateHertz, channelCount }: WavHeader): void {
  // FFmpeg knows decoders for tags that nobody uses any more, and makes noise of whatever stands behind them.
  if (encoding === 'unknown') throw decodeFailed(`a WAV with format tag ${formatTag} is not decoded: send PCM`)
  if (sampleRateHertz < MIN_RATE_HERTZ || sampleRateHertz > MAX_RATE_HERTZ) {
    throw decodeFailed(`a sample rate of ${sampleRateHertz} Hz is not decoded: ${MIN_RATE_HERTZ} to ${MAX_RATE_HERTZ} Hz are`)
  }
  if (channelCount < 1 || channelCount > MAX_CHANNEL_COUNT) {
    throw decodeFailed(`${channelCount} channels are not decoded: 1 to ${MAX_CHANNEL_COUNT} are`)
  }
}

/**
 * FFmpeg reads 24 valid bits in a container of 32 as packed samples of 24, which is noise (5.1 and 8.1 alike). The
 * bits that are not valid are zeros at the low end, so calling them valid changes nothing else.
 */
function withAllBitsValid (bytes: Buffer, { validBits, bitsPerSample }: WavHeader): Buffer {
  if (validBits === undefined || validBits.count === bitsPerSample) return bytes
  const patched = Buffer.from(bytes)
  patched.writeUInt16LE(bitsPerSample, validBits.offset)
  return patched
}

/** The container knows to the frame how long the sound is, if it tells the truth: then the samples agree with it. */
function durationOf (sampleCount: number, header: WavHeader): number {
  const frameCount = countFrames(header)
  if (frameCount === undefined) return samplesToMs(sampleCount)
  const expectedSampleCount = frameCount * PCM_SAMPLE_RATE_HERTZ / header.sampleRateHertz
  return Math.abs(expectedSampleCount - sampleCount) <= TOLERATED_SAMPLES
    ? frameCount * 1000 / header.sampleRateHertz
    : samplesToMs(sampleCount)
}

function decodeFailed (reason: string): ApiError {
  return new ApiError('STT_DECODE_FAILED', { reason })
}
