import t from 'tap'
import type { Pcm } from '../../src/audio/pcm.ts'
import { ApiError } from '../../src/errors/api-error.ts'
import type { EngineIdentity, Language, Recognizer } from '../../src/speech/recognizer.ts'
import type { Sound } from '../../src/speech/sound.ts'
import { createTranscriber, type Transcript } from '../../src/speech/transcribe.ts'
import type { TranscriptEntry } from '../../src/speech/transcript-lines.ts'
import type { LockfileMode, TranscriptLockfile } from '../../src/speech/transcript-lockfile.ts'

const never = new AbortController().signal
const turn = () => new Promise(setImmediate)
const digest = 'ab'.repeat(32)
const identity: EngineIdentity = { engine: 'vosk-0.3.39', modelDigest: 'a'.repeat(16) }

function soundOf (changes: Partial<Sound> = {}) {
  const taken: AbortSignal[] = []
  const sound: Sound = {
    durationMs: 1000.123,
    paddingMs: 0,
    facts: { container: 'wav', encoding: 'pcm_s16le', sampleRateHertz: 16_000, channelCount: 1 },
    digest,
    takePcm: async (signal): Promise<Pcm> => {
      taken.push(signal)
      return { samples: new Int16Array(16), durationMs: 1 }
    },
    ...changes
  }
  return { sound, taken }
}

/** Says what it is asked for, at once or when the test lets it. */
function createEngine (isHeld = false) {
  const asked: Language[] = []
  const signals: AbortSignal[] = []
  const held: { resolve (): void, reject (error: unknown): void }[] = []
  const recognizer: Recognizer = {
    async recognize (_pcm, language, signal) {
      asked.push(language)
      signals.push(signal)
      if (isHeld) await new Promise<void>((resolve, reject) => { held.push({ resolve, reject }) })
      return [`Text ${asked.length}.`]
    },
    identityOf: async () => identity
  }
  return { recognizer, asked, signals, held }
}

function createLockfile (mode: LockfileMode, ...entries: TranscriptEntry[]) {
  const recorded: TranscriptEntry[] = []
  const lockfile: TranscriptLockfile = {
    mode,
    name: 'transcripts.jsonl',
    countOf: () => entries.length,
    find: (audio, language) =>
      [...entries, ...recorded].find((each) => each.audio === audio && each.language === language),
    record: (entry) => { recorded.push(entry) },
    close: async () => {}
  }
  return { lockfile, recorded }
}

const entry: TranscriptEntry = {
  audio: digest, language: 'eng', text: 'agreed', engine: identity.engine, model: identity.modelDigest, durationMs: 1000.12
}
const outcome = (promise: Promise<Transcript>) =>
  promise.catch((error: unknown) => error instanceof ApiError ? [error.key, error.reason] : error)

t.test('a sound is recognised once for each language', async (t) => {
  const { recognizer, asked } = createEngine()
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000 })
  const { sound, taken } = soundOf()
  t.strictSame(await transcribe(sound, 'eng', true, never), { text: 'text 1', source: 'recognized' })
  t.strictSame(await transcribe(sound, 'eng', true, never), { text: 'text 1', source: 'cache' })
  t.strictSame(await transcribe(sound, 'jpn', false, never), { text: 'text 2', source: 'recognized' })
  t.strictSame(await transcribe(sound, 'jpn', false, never), { text: 'text 2', source: 'cache' })
  t.strictSame(await transcribe(soundOf({ digest: 'cd'.repeat(32) }).sound, 'eng', true, never),
    { text: 'text 3', source: 'recognized' }, 'another sound')
  t.strictSame([asked, taken.length], [['eng', 'jpn', 'eng'], 2])
})

t.test('the empty text is a text', async (t) => {
  let count = 0
  const recognizer: Recognizer = {
    recognize: async () => {
      count += 1
      return []
    },
    identityOf: async () => identity
  }
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000 })
  await transcribe(soundOf().sound, 'eng', true, never)
  t.strictSame(await transcribe(soundOf().sound, 'eng', true, never), { text: '', source: 'cache' })
  t.equal(count, 1)
})

t.test('calls at the same time share one recognition, and say so', async (t) => {
  const { recognizer, asked, held } = createEngine(true)
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000 })
  const calls = Array.from({ length: 20 }, () => transcribe(soundOf().sound, 'eng', true, never))
  await turn()
  t.strictSame(asked, ['eng'])
  held[0]!.resolve()
  const [first, ...others] = await Promise.all(calls)
  t.strictSame(first, { text: 'text 1', source: 'recognized' })
  for (const other of others) t.strictSame(other, { text: 'text 1', source: 'shared' })
})

t.test('who leaves does not disturb the others; when all have left, recognition ends', async (t) => {
  const { recognizer, signals, held } = createEngine(true)
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000 })
  const callers = Array.from({ length: 3 }, () => new AbortController())
  const calls = callers.map(({ signal }) => outcome(transcribe(soundOf().sound, 'eng', true, signal)))
  await turn()
  callers[0]!.abort('gone')
  t.equal(await calls[0], 'gone')
  t.notOk(signals[0]!.aborted)
  callers[1]!.abort('gone')
  callers[2]!.abort('gone')
  t.ok(signals[0]!.aborted)
  held[0]!.reject('aborted')
  const last = transcribe(soundOf().sound, 'eng', true, never)
  await turn()
  held[1]!.resolve()
  t.match(await last, { source: 'recognized' }, 'nothing of it was remembered')
})

t.test('a failure is told to all who wait and is not remembered', async (t) => {
  const { recognizer, asked, held } = createEngine(true)
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000 })
  const calls = [1, 2].map(() => outcome(transcribe(soundOf().sound, 'eng', true, never)))
  await turn()
  held[0]!.reject(new ApiError('GATEWAY_ENDPOINT_TIMEOUT', { reason: 'too long' }))
  t.strictSame(await Promise.all(calls), Array.from({ length: 2 }, () => ['GATEWAY_ENDPOINT_TIMEOUT', 'too long']))
  const again = transcribe(soundOf().sound, 'eng', true, never)
  await turn()
  held[1]!.resolve()
  t.strictSame([await again, asked.length], [{ text: 'text 2', source: 'recognized' }, 2])
})

t.test('without memory every call is recognised, also at the same time', async (t) => {
  const { recognizer, asked } = createEngine()
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 0 })
  const calls = Array.from({ length: 3 }, () => transcribe(soundOf().sound, 'eng', true, never))
  for (const { source } of await Promise.all(calls)) t.equal(source, 'recognized')
  await transcribe(soundOf().sound, 'eng', true, never)
  t.equal(asked.length, 4)
})

t.test('update: what stands in the lockfile is answered, anything else is recognised and written down', async (t) => {
  type Case = [name: string, entries: TranscriptEntry[], language: Language, expected: Transcript, isRecorded: boolean]
  const recognized: Transcript = { text: 'text 1', source: 'recognized' }
  const cases: Case[] = [
    ['there', [entry], 'eng', { text: 'agreed', source: 'lockfile' }, false],
    ['there and empty', [{ ...entry, text: '' }], 'eng', { text: '', source: 'lockfile' }, false],
    ['nothing there', [], 'eng', recognized, true],
    ['there in another language', [entry], 'kor', recognized, true],
    ['by another engine', [{ ...entry, engine: 'other' }], 'eng', recognized, true],
    ['by another model', [{ ...entry, model: 'b'.repeat(16) }], 'eng', recognized, true]
  ]
  for (const cacheBytes of [0, 10_000]) {
    for (const [name, entries, language, expected, isRecorded] of cases) {
      const { recognizer } = createEngine()
      const { lockfile, recorded } = createLockfile('update', ...entries)
      const { transcribe } = createTranscriber({ recognizer, cacheBytes, lockfile })
      t.strictSame(await transcribe(soundOf().sound, language, true, never), expected, name)
      t.strictSame(recorded, isRecorded ? [{ ...entry, language, text: 'text 1' }] : [], name)
    }
  }
})

t.test('update: what is in the lockfile once is answered from there', async (t) => {
  const { recognizer } = createEngine()
  const { lockfile } = createLockfile('update')
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 0, lockfile })
  t.match(await transcribe(soundOf().sound, 'eng', true, never), { source: 'recognized' })
  t.match(await transcribe(soundOf().sound, 'eng', true, never), { text: 'text 1', source: 'lockfile' })
})

t.test('update: without anything that could recognise, the lockfile is the best there is', async (t) => {
  const refusal = new ApiError('STT_RECOGNITION_FAILED', { reason: 'no model' })
  const recognizer: Recognizer = { recognize: async () => { throw refusal }, identityOf: async () => undefined }
  const { lockfile, recorded } = createLockfile('update', { ...entry, model: 'b'.repeat(16) })
  const { transcribe } = createTranscriber({ recognizer, cacheBytes: 10_000, lockfile })
  t.strictSame(await outcome(transcribe(soundOf().sound, 'eng', true, never)), { text: 'agreed', source: 'lockfile' })
  t.strictSame(await outcome(transcribe(soundOf().sound, 'kor', true, never)), ['STT_RECOGNITION_FAILED', 'no model'])
  t.strictSame(recorded, [])
})

t.test('strict: whatever made the text, it is answered; what is not there is refused', async (t) => {
  const unused = () => { throw new Error('nobody is asked') }
  const recognizer: Recognizer = { recognize: unused, identityOf: unused }
  const { lockfile, recorded } = createLockfile('strict', { ...entry, engine: 'other', model: 'b'.repeat(16) })
  for (const cacheBytes of [0, 10_000]) {
    const { transcribe } = createTranscriber({ recognizer, cacheBytes, lockfile })
    const { sound, taken } = soundOf()
    t.strictSame(await transcribe(sound, 'eng', true, never), { text: 'agreed', source: 'lockfile' })
    t.strictSame(await outcome(transcribe(sound, 'kor', true, never)), [
      'STT_RECOGNITION_FAILED',
      'the sound abababababab… (kor) is not in transcripts.jsonl and CSR_TRANSCRIPTS_MODE=strict: ' +
        'run once with update and commit the file'
    ])
    t.strictSame([taken.length, recorded.length], [0, 0])
  }
})
