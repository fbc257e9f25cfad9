/** The worker's one rule with a library that only keeps count: every recogniser is freed, on every path. */
import t from 'tap'
import type { Libvosk } from '../../src/engine/vosk/libvosk.ts'
import { recognizeSamples } from '../../src/engine/vosk/recognize-samples.ts'

const PIECE_SAMPLES = 4_000

const MODEL = 1n
const RECOGNIZER = 2n

function fakeLibvosk (changes: Partial<Libvosk> = {}) {
  const calls: string[] = []
  const libvosk: Libvosk = {
    newModel: () => MODEL,
    freeModel: () => {},
    newRecognizer: (model, hertz) => { calls.push(`new ${model} ${hertz}`); return RECOGNIZER },
    acceptWaveform: (_recognizer, samples) => { calls.push(`accept ${samples.length}`); return 'going-on' },
    result: () => { calls.push('result'); return 'middle' },
    finalResult: () => { calls.push('final'); return 'end' },
    freeRecognizer: (recognizer) => { calls.push(`free ${recognizer}`) },
    ...changes
  }
  return { libvosk, calls }
}

const samples = new Int16Array(PIECE_SAMPLES * 2 + 1)

t.test('feeds pieces of a quarter of a second and frees the recogniser', async (t) => {
  const { libvosk, calls } = fakeLibvosk()
  t.strictSame(recognizeSamples(libvosk, MODEL, samples, () => false), { kind: 'recognized', utterances: ['end'] })
  t.strictSame(calls, ['new 1 16000', 'accept 4000', 'accept 4000', 'accept 1', 'final', 'free 2'])
})

t.test('collects what ends on the way', async (t) => {
  const { libvosk } = fakeLibvosk({ acceptWaveform: () => 'ended' })
  t.strictSame(recognizeSamples(libvosk, MODEL, samples, () => false),
    { kind: 'recognized', utterances: ['middle', 'middle', 'middle', 'end'] })
})

t.test('empty utterances are no utterances', async (t) => {
  const { libvosk } = fakeLibvosk({ acceptWaveform: () => 'ended', result: () => '', finalResult: () => '' })
  t.strictSame(recognizeSamples(libvosk, MODEL, samples, () => false), { kind: 'recognized', utterances: [] })
})

t.test('frees on every path', async (t) => {
  const failing = fakeLibvosk({ acceptWaveform: () => 'failed' })
  t.strictSame(recognizeSamples(failing.libvosk, MODEL, samples, () => false),
    { kind: 'failed', problem: 'libvosk failed while it decoded' })
  t.equal(failing.calls.at(-1), 'free 2')

  const cancelled = fakeLibvosk()
  let looks = 0
  t.strictSame(recognizeSamples(cancelled.libvosk, MODEL, samples, () => ++looks > 1), { kind: 'failed', problem: 'cancelled' })
  t.strictSame(cancelled.calls, ['new 1 16000', 'accept 4000', 'free 2'])

  const throwing = fakeLibvosk({ finalResult: () => { throw new SyntaxError('not JSON') } })
  t.throws(() => recognizeSamples(throwing.libvosk, MODEL, samples, () => false), SyntaxError)
  t.equal(throwing.calls.at(-1), 'free 2')
})

t.test('a null recogniser never reaches the library', async (t) => {
  const { libvosk, calls } = fakeLibvosk({ newRecognizer: () => undefined })
  t.strictSame(recognizeSamples(libvosk, MODEL, samples, () => false),
    { kind: 'failed', problem: 'the model has no usable graph' })
  t.strictSame(calls, [])
})
