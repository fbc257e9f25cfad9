import { PCM_SAMPLE_RATE_HERTZ } from '../../audio/pcm.ts'
import type { Libvosk, ModelAddress } from './libvosk.ts'

export type RecognitionResult =
  | { kind: 'recognized', utterances: string[] }
  | { kind: 'failed', problem: string }

/**
 * The library looks for the end of an utterance after each piece, so the piece's length is part of what decides the
 * text: fixed, for the same text from the same sound. 0.25 s.
 */
export const PIECE_SAMPLES = PCM_SAMPLE_RATE_HERTZ / 4

/** Recognises one sound; the recogniser is freed on every path. */
export function recognizeSamples (
  libvosk: Libvosk,
  model: ModelAddress,
  samples: Int16Array,
  isCancelled: () => boolean
): RecognitionResult {
  const recognizer = libvosk.newRecognizer(model, PCM_SAMPLE_RATE_HERTZ)
  if (recognizer === undefined) return { kind: 'failed', problem: 'the model has no usable graph' }
  try {
    const utterances: string[] = []
    for (let start = 0; start < samples.length; start += PIECE_SAMPLES) {
      if (isCancelled()) return { kind: 'failed', problem: 'cancelled' }
      const state = libvosk.acceptWaveform(recognizer, samples.subarray(start, start + PIECE_SAMPLES))
      if (state === 'failed') return { kind: 'failed', problem: 'libvosk failed while it decoded' }
      if (state === 'ended') utterances.push(libvosk.result(recognizer))
    }
    utterances.push(libvosk.finalResult(recognizer))
    return { kind: 'recognized', utterances: utterances.filter((utterance) => utterance !== '') }
  } finally {
    libvosk.freeRecognizer(recognizer)
  }
}
