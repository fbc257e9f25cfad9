/** The kit as it lies in its folder, written once for all tests; and what the running server answers to it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createEncoder } from '../../src/kit/encoder.ts'
import { KIT_FORMATS } from '../../src/kit/formats.ts'
import { writeKit, type KitAnswer, type KitFile, type KitManifest } from '../../src/kit/kit.ts'
import { makeEdge } from '../../src/kit/make.ts'
import { EDGE_RECIPES } from '../../src/kit/recipes.ts'
import { loadSounds } from '../../src/kit/sounds.ts'
import { RIGHT_HEADERS } from '../helpers/calls.ts'
import { runCli, startServerProcess } from '../helpers/server-process.ts'
import {
  BAD_LANG, EMPTY_BODY, NO_KEYS, NO_LANG, NOT_DECODED, TOO_LARGE, TOO_LONG, TOO_SHORT, transcript, WRONG_TYPE,
  type ExpectedAnswer
} from './support/answers.ts'

t.setTimeout(600_000)

const folder = t.testdir({
  'manifest.json': 'of an earlier kit',
  'notes.txt': 'foreign',
  wav: { 'speech.wav': 'of an earlier kit', 'mine.wav': 'foreign' }
})
const written = await runCli(['kit', folder])
const contentOf = ({ file }: Pick<KitFile, 'file'>): Buffer => readFileSync(join(folder, file))
const manifest = JSON.parse(contentOf({ file: 'manifest.json' }).toString()) as KitManifest
const encoder = createEncoder()
t.teardown(() => encoder.close())

/** `flac/400ms.flac` → `400ms`. */
const edgeOf = ({ file }: KitFile): string => file.slice(file.indexOf('/') + 1, file.lastIndexOf('.'))
const ofFormat = (name: string): KitFile[] => manifest.files.filter(({ format }) => format === name)

const TEXT = 'turn off the light please'
const heard: KitAnswer = { status: 200, text: TEXT }
const silent: KitAnswer = { status: 200, text: '' }
const anyText: KitAnswer = { status: 200 }
const tooLarge: KitAnswer = { status: 413, errorCode: 'STT000' }
const tooLong: KitAnswer = { status: 413, errorCode: 'STT001' }
const noBytes: KitAnswer = { status: 400, errorCode: 'STT003' }
const noSound: KitAnswer = { status: 500, errorCode: 'STT006' }
const tooShort: KitAnswer = { status: 400, errorCode: 'STT007' }

/** The answers of a format that tells its exact length, written out. */
const EXACT: Record<string, KitAnswer> = {
  '399ms': tooShort,
  '3mb': heard,
  '3mb-minus-1': heard,
  '3mb-plus-1': tooLarge,
  '400ms': tooShort,
  '401ms': silent,
  '59.9s': heard,
  '60.0s': heard,
  '60.1s': tooLong,
  'no-data': noSound,
  silence: silent,
  speech: heard,
  tone: anyText,
  truncated: anyText,
  'wrong-magic': noSound
}
const LOSSY = { ...EXACT, '60.5s': tooLong }
/** Whole frames, and 200 ms that are not counted: 60.224 s of AAC are too long, 60.128 s of AC-3 are not. */
const FRAMES = { ...LOSSY, '399ms': silent, '400ms': silent, 'too-short': tooShort }
const EXPECTED: Record<string, Record<string, KitAnswer>> = {
  aac: FRAMES,
  ac3: { ...FRAMES, '60.1s': heard },
  flac: EXACT,
  mp3: LOSSY,
  ogg: LOSSY,
  opus: LOSSY,
  wav: EXACT
}

const REFUSALS: Partial<Record<string, ExpectedAnswer>> = {
  STT000: TOO_LARGE,
  STT001: TOO_LONG,
  STT003: EMPTY_BODY,
  STT006: NOT_DECODED,
  STT007: TOO_SHORT
}
/** What the words are is the recogniser's own affair. */
const ANY_TRANSCRIPT = /^\{"text":"[a-z' ]*"\}$/

function expectedFor ({ status, errorCode = '', text }: KitAnswer): { status: number, body: string | RegExp } {
  if (status === 200) return text === undefined ? { status, body: ANY_TRANSCRIPT } : transcript(text)
  return REFUSALS[errorCode] ?? { status, body: `there is no ${errorCode}` }
}

t.test('every format has every edge with its answer', async (t) => {
  t.strictSame([...new Set(manifest.files.map(({ format }) => format))], [...Object.keys(EXPECTED), 'other'].sort())
  for (const [format, expected] of Object.entries(EXPECTED)) {
    const answers = Object.fromEntries(ofFormat(format).map((file) => [edgeOf(file), file.answer]))
    t.strictSame(answers, expected, format)
    const codes = new Set(ofFormat(format).map(({ answer }) => answer.errorCode ?? answer.status))
    t.strictSame([...codes].sort(), [200, 'STT000', 'STT001', 'STT006', 'STT007'], `${format} has every kind of answer`)
  }
  t.strictSame(Object.fromEntries(ofFormat('other').map(({ file, answer }) => [file, answer])), {
    'other/curl-stripped.wav': noSound,
    'other/empty': noBytes,
    'other/headerless.pcm': noSound,
    'other/speech.aiff': noSound,
    'other/speech.caf': noSound,
    'other/speech.m4a': noSound,
    'other/speech.webm': noSound,
    'other/speech.wma': noSound
  })
})

t.test('the command says in one line what it has written', async (t) => {
  const { files } = manifest
  const megabytes = Math.round(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)
  const stdout = `${files.length} files (${megabytes} MB) in ${folder}; its manifest.json says which answer each must get\n`
  t.strictSame(written, { code: 0, signal: null, stdout, stderr: '' })
})

t.test('the manifest says what the files are', async (t) => {
  t.equal(manifest.version, 1)
  t.strictSame(manifest.files.map(({ file }) => file), manifest.files.map(({ file }) => file).sort(), 'sorted')
  for (const entry of manifest.files) {
    const bytes = contentOf(entry)
    t.equal(entry.bytes, bytes.length, `${entry.file}: bytes`)
    t.equal(entry.sha256, createHash('sha256').update(bytes).digest('hex'), `${entry.file}: sha256`)
    t.equal(entry.lang, 'Eng')
  }
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  // README.md and manifest.json, notes.txt and mine.wav.
  t.equal(names.length, manifest.files.length + 4, 'nothing else was left behind')
})

t.test('files of an earlier kit are overwritten, foreign ones stay', async (t) => {
  t.equal(contentOf({ file: 'notes.txt' }).toString(), 'foreign')
  t.equal(contentOf({ file: 'wav/mine.wav' }).toString(), 'foreign')
  t.equal(contentOf({ file: 'wav/speech.wav' }).toString('latin1', 0, 4), 'RIFF')
})

t.test('the sizes are exact', async (t) => {
  const sizes = { '3mb-minus-1': 3_145_727, '3mb': 3_145_728, '3mb-plus-1': 3_145_729 }
  for (const { file, bytes, ...entry } of manifest.files) {
    const expected = (sizes as Record<string, number>)[edgeOf({ file, bytes, ...entry })]
    if (expected === undefined) t.ok(bytes < 3_145_727, `${file} is smaller than 3 MiB`)
    else t.equal(bytes, expected, file)
  }
})

t.test('the lengths are exact where the format tells them, and whole frames where it does not', async (t) => {
  const frameMs: Record<string, number> = { aac: 64, ac3: 32 }
  for (const { file, format, recordedMs, decodedMs } of manifest.files) {
    if (decodedMs === null || file.includes('truncated')) continue
    const frame = frameMs[format]
    if (frame === undefined) {
      t.equal(decodedMs, recordedMs, file)
    } else {
      t.equal(decodedMs % frame, 0, `${file}: whole frames`)
      t.ok(decodedMs >= recordedMs! && decodedMs - recordedMs! < 200, `${file}: ${decodedMs - recordedMs!} ms more`)
    }
  }
})

t.test('FFmpeg decodes as much as the manifest says, and more than 400 ms of the cut files', async (t) => {
  for (const format of KIT_FORMATS) {
    for (const edge of ['400ms', '401ms', 'speech', 'truncated', '3mb']) {
      const { decodedMs } = ofFormat(format.name).find((file) => edgeOf(file) === edge)!
      // At 16 kHz as the recogniser hears it: the resampler may round.
      const samples = (await decode(format.name, edge)).length / 2
      t.ok(Math.abs(samples / 16 - decodedMs!) <= 0.125, `${format.name}/${edge}: ${samples / 16} for ${decodedMs} ms`)
      t.ok(decodedMs! > 400 || edge === '400ms', `${format.name}/${edge}: ${decodedMs} ms`)
    }
  }
})

t.test('padding does not change the sound', async (t) => {
  // AC-3 can only be padded by another bit rate.
  for (const { name } of KIT_FORMATS.filter(({ padding }) => padding.speechMs === undefined)) {
    t.ok((await decode(name, '3mb')).equals(await decode(name, 'speech')), name)
  }
})

t.test('another process makes the same bytes', async (t) => {
  const workshop = { encoder, sounds: await loadSounds(encoder) }
  for (const format of KIT_FORMATS) {
    for (const recipe of EDGE_RECIPES.filter(({ name }) => ['401ms', 'speech', 'tone'].includes(name))) {
      const { bytes } = await makeEdge(workshop, format, recipe)
      t.ok(bytes.equals(contentOf({ file: `${format.name}/${recipe.name}${format.extension}` })), `${format.name} ${recipe.name}`)
    }
  }
})

t.test('the server answers every file as the manifest says', async (t) => {
  const server = await startServerProcess(t, [], { shouldWaitUntilReady: true })
  for (const { file, lang, answer: promised } of manifest.files) {
    const answer = await fetch(`${server.url}/recog/v1/stt?lang=${lang}`, {
      method: 'POST', headers: RIGHT_HEADERS, body: new Uint8Array(contentOf({ file }))
    })
    const { status, body } = expectedFor(promised)
    const received = await answer.text()
    t.equal(answer.status, status, `${file}: status`)
    if (typeof body === 'string') t.equal(received, body, `${file}: body`)
    else t.match(received, body, `${file}: body`)
    t.equal(answer.headers.get('content-length'), String(Buffer.byteLength(received)), `${file}: length`)
  }
})

t.test('in every format, what is wrong with the call goes before what is wrong with the sound', async (t) => {
  const server = await startServerProcess(t, [], { shouldWaitUntilReady: true })
  const { 'x-ncp-apigw-api-key': _key, ...withoutKey } = RIGHT_HEADERS
  const wrongType = { ...RIGHT_HEADERS, 'content-type': 'audio/wav' }
  const mistakes: { name: string, query: string, headers: Record<string, string>, expected: ExpectedAnswer }[] = [
    { name: 'no key', query: '?lang=Eng', headers: withoutKey, expected: NO_KEYS },
    { name: 'wrong type', query: '', headers: wrongType, expected: WRONG_TYPE },
    { name: 'no lang', query: '', headers: RIGHT_HEADERS, expected: NO_LANG },
    { name: 'wrong lang', query: '?lang=en', headers: RIGHT_HEADERS, expected: BAD_LANG }
  ]
  const wrongSounds = manifest.files.filter(({ format, answer: { errorCode = '' } }) =>
    format !== 'other' && ['STT001', 'STT006', 'STT007'].includes(errorCode))
  for (const file of wrongSounds) {
    for (const { name, query, headers, expected } of mistakes) {
      const body = new Uint8Array(contentOf(file))
      const answer = await fetch(`${server.url}/recog/v1/stt${query}`, { method: 'POST', headers, body })
      t.strictSame({ status: answer.status, body: await answer.text() }, expected, `${name} before ${file.file}`)
    }
  }
})

t.test('says what to do when the folder cannot be written', async (t) => {
  const place = t.testdir({ file: '', kit: { 'manifest.json': 'of an earlier kit', mp3: { '399ms.mp3': {} } } })
  const rows = [
    { name: 'a file', path: 'file', message: 'a file has this name: name a folder' },
    { name: 'below a file', path: 'file/kit', message: 'a part of the path is a file: name a folder' },
    {
      name: 'a folder where a file belongs',
      path: 'kit',
      message: 'a folder stands where a file of the kit belongs: name another folder'
    }
  ]
  for (const { name, path, message } of rows) {
    const at = join(place, path)
    await t.rejects(writeKit(at), { message: `the kit cannot be written to "${at}": ${message}` }, name)
  }
  t.notOk(readdirSync(join(place, 'kit')).includes('manifest.json'), 'where a kit is not whole there is no manifest')
})

function decode (format: string, edge: string): Promise<Buffer> {
  const { extension, demuxer } = KIT_FORMATS.find(({ name }) => name === format)!
  return encoder.encode({
    input: contentOf({ file: `${format}/${edge}${extension}` }),
    inputParameters: ['-f', demuxer],
    parameters: ['-ac', '1', '-ar', '16000'],
    muxer: 's16le'
  })
}
