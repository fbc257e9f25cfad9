/**
 * What a container tells before anything is decoded: facts for the log, how long the sound is, and where the decoder
 * has to begin. None of it is trusted for the limits unless it has been counted; see `decode.ts`.
 */
import { readFlac } from './flac.ts'
import { findFrames } from './frame-chain.ts'
import { AC3_FRAMES, ADTS_FRAMES, MP3_FRAMES, type FrameFormat } from './frame-headers.ts'
import { readMp3Info } from './mp3-gapless.ts'
import { readOgg } from './ogg.ts'
import { PCM_SAMPLE_RATE_HERTZ, type AudioFacts } from './pcm.ts'
import type { Container } from './sniff.ts'
import { countFrames, hasHonestCount, readWavHeader, type WavHeader } from './wav-header.ts'

/** FFmpeg's name for the reader of a container (`-f`); a closed list keeps its own prober out of it. */
export type Demuxer = 'wav' | 'flac' | 'ogg' | 'mp3' | 'aac' | 'ac3' | 'eac3' | 'mov' | 'matroska'

export interface Probe {
  facts: AudioFacts
  demuxer: Demuxer
  /** The file from where the decoder begins: a view, not a copy, unless a header had to be mended. */
  bytes: Buffer
  /** How long the sound is if the container tells the truth, in milliseconds. */
  claimedMs?: number
  /** How long the parts are that were counted one by one; there is at least that much. */
  countedMs?: number
  /** How much of the decoded sound may be what the encoder added at its ends, in milliseconds. */
  paddingMs: number
  /** WAV only. */
  wavHeader?: WavHeader
}

/** A probe, or in plain words why there is none. */
export type Probing = Probe | { problem: string }

/** FFmpeg takes the padding away, but the resampler may leave two samples. */
const TOLD_PADDING_MS = 2000 / PCM_SAMPLE_RATE_HERTZ
/** Encoders add up to 0.19 s to formats that cannot tell it (measured: docs/adr/0014). */
const UNTOLD_PADDING_MS = 200

/** What FFmpeg is given. A rate of 1 Hz costs it half a gigabyte; nobody records outside of these. */
const MIN_RATE_HERTZ = 1000
const MAX_RATE_HERTZ = 384_000
const MAX_CHANNEL_COUNT = 8
/** A file of 3 MiB can hold 15 000, which cost FFmpeg five seconds. */
const MAX_OGG_STREAM_COUNT = 16

/**
 * Reads what `sniff` has named.
 *
 * @param bytes from the end of the tags on
 */
export function probe (container: Container, bytes: Buffer): Probing {
  return PROBES[container](bytes)
}

const PROBES: Readonly<Record<Container, (bytes: Buffer) => Probing>> = {
  wav: probeWav,
  flac: probeFlac,
  ogg: probeOgg,
  mp3: probeMp3,
  adts: (bytes) => probeFrames('adts', bytes, ADTS_FRAMES),
  ac3: (bytes) => probeFrames('ac3', bytes, AC3_FRAMES),
  // FFmpeg finds its way: nothing here is counted, and the first second too long ends the decoding.
  mp4: (bytes) => ({ facts: { container: 'mp4', encoding: 'unknown' }, demuxer: 'mov', bytes, paddingMs: UNTOLD_PADDING_MS }),
  webm: (bytes) => ({ facts: { container: 'webm', encoding: 'unknown' }, demuxer: 'matroska', bytes, paddingMs: UNTOLD_PADDING_MS })
}

function probeWav (bytes: Buffer): Probing {
  const reading = readWavHeader(bytes)
  if ('problem' in reading) return reading
  const { header } = reading
  const { encoding, sampleRateHertz, channelCount, formatTag } = header
  // FFmpeg knows decoders for tags that nobody uses any more, and makes noise of whatever stands behind them.
  if (encoding === 'unknown') return { problem: `a WAV with format tag ${formatTag} is not decoded: send PCM` }
  const problem = problemOf(sampleRateHertz, channelCount)
  if (problem !== undefined) return { problem }
  const frameCount = countFrames(header)
  const durationMs = frameCount === undefined ? undefined : frameCount * 1000 / sampleRateHertz
  return {
    facts: { container: 'wav', encoding, sampleRateHertz, channelCount },
    demuxer: 'wav',
    bytes: withAllBitsValid(bytes, header),
    ...durationMs !== undefined && { claimedMs: durationMs, ...hasHonestCount(header) && { countedMs: durationMs } },
    paddingMs: 0,
    wavHeader: header
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

function probeFlac (bytes: Buffer): Probing {
  const stream = readFlac(bytes)
  if (stream === undefined) return { problem: 'the FLAC file does not begin with a whole STREAMINFO block' }
  const { sampleRateHertz, channelCount, sampleCount } = stream
  const problem = problemOf(sampleRateHertz, channelCount)
  if (problem !== undefined) return { problem }
  const durationMs = sampleCount * 1000 / sampleRateHertz
  return {
    facts: { container: 'flac', encoding: 'flac', sampleRateHertz, channelCount },
    demuxer: 'flac',
    bytes,
    ...sampleCount > 0 && { claimedMs: durationMs, countedMs: durationMs },
    paddingMs: 0
  }
}

function probeOgg (bytes: Buffer): Probing {
  const { stream, streamCount } = readOgg(bytes)
  if (streamCount > MAX_OGG_STREAM_COUNT) {
    return { problem: `an Ogg file of more than ${MAX_OGG_STREAM_COUNT} streams is not decoded` }
  }
  if (stream === undefined) {
    return { problem: 'the Ogg file holds no stream that is decoded: send Vorbis, Opus, FLAC or Speex in it' }
  }
  const problem = problemOf(stream.sampleRateHertz, stream.channelCount)
  if (problem !== undefined) return { problem }
  return {
    facts: { container: 'ogg', ...stream },
    demuxer: 'ogg',
    bytes,
    paddingMs: stream.encoding === 'speex' ? UNTOLD_PADDING_MS : TOLD_PADDING_MS
  }
}

function probeMp3 (bytes: Buffer): Probing {
  const chain = findFrames(bytes, 0, MP3_FRAMES)
  if (chain === undefined) return { problem: 'no MP3 frame is followed by another' }
  const { first, startOffset } = chain
  const { sampleRateHertz } = first
  const info = readMp3Info(bytes, startOffset, first)
  const sampleCount = chain.sampleCount - (info === undefined ? 0 : first.sampleCount)
  const countedMs = sampleCount * 1000 / sampleRateHertz
  return {
    facts: { container: 'mp3', encoding: 'mp3', sampleRateHertz, channelCount: first.channelCount },
    demuxer: 'mp3',
    bytes: bytes.subarray(startOffset),
    claimedMs: info?.sampleCount === undefined ? countedMs : info.sampleCount * 1000 / sampleRateHertz,
    countedMs,
    paddingMs: info?.sampleCount === undefined ? UNTOLD_PADDING_MS : TOLD_PADDING_MS
  }
}

function probeFrames (container: 'adts' | 'ac3', bytes: Buffer, format: FrameFormat): Probing {
  const chain = findFrames(bytes, 0, format)
  if (chain === undefined) return { problem: `no ${container} frame is followed by another` }
  const { encoding, sampleRateHertz, channelCount } = chain.first
  const durationMs = chain.sampleCount * 1000 / sampleRateHertz
  return {
    facts: { container, encoding, sampleRateHertz, channelCount },
    demuxer: encoding === 'eac3' ? 'eac3' : encoding === 'ac3' ? 'ac3' : 'aac',
    bytes: bytes.subarray(chain.startOffset),
    claimedMs: durationMs,
    countedMs: durationMs,
    paddingMs: UNTOLD_PADDING_MS
  }
}

function problemOf (sampleRateHertz: number, channelCount: number): string | undefined {
  if (sampleRateHertz < MIN_RATE_HERTZ || sampleRateHertz > MAX_RATE_HERTZ) {
    return `a sample rate of ${sampleRateHertz} Hz is not decoded: ${MIN_RATE_HERTZ} to ${MAX_RATE_HERTZ} Hz are`
  }
  if (channelCount < 1 || channelCount > MAX_CHANNEL_COUNT) {
    return `${channelCount} channels are not decoded: 1 to ${MAX_CHANNEL_COUNT} are`
  }
  return undefined
}
