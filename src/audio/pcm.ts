/** The one form in which sound travels inside the emulator. */

/** Sample rate of everything that reaches a recogniser. */
export const PCM_SAMPLE_RATE_HERTZ = 16_000

/** Decoded mono sound. */
export interface Pcm {
  /** Signed 16-bit samples at `PCM_SAMPLE_RATE_HERTZ`, one channel. Owned by the holder. */
  samples: Int16Array<ArrayBuffer>
  /**
   * Length of the sound in milliseconds, as a fraction where need be. From the container where it tells the truth
   * (resampling moves the sample count by one), otherwise from the sample count.
   */
  durationMs: number
}

/** What was found in an upload; for the log, never for the client. */
export interface AudioFacts {
  /** The file around the samples: `wav`, `ogg`, `mp3`, … */
  container: string
  /** How the samples are coded, in FFmpeg's words: `pcm_s16le`, `vorbis`, `mp3`, … or `unknown`. */
  encoding: string
  /** Of the file, before it is resampled; absent where the container is not read. */
  sampleRateHertz?: number
  /** Of the file, before it is mixed; absent where the container is not read. */
  channelCount?: number
}

export function samplesToMs (sampleCount: number): number {
  return sampleCount * 1000 / PCM_SAMPLE_RATE_HERTZ
}
