import t from 'tap'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { LANGUAGES } from '../../src/speech/recognizer.ts'
import { keyOfEntry, parseTranscripts, renderTranscripts, type TranscriptEntry } from '../../src/speech/transcript-lines.ts'

const audio = 'ab'.repeat(32)
const right: TranscriptEntry = {
  audio, language: 'eng', text: 'turn off the light please', engine: 'vosk-0.3.39', model: '0123456789abcdef', durationMs: 2490.06
}
const line = JSON.stringify(right)
const asMap = (...entries: TranscriptEntry[]) =>
  new Map(entries.map((entry) => [keyOfEntry(entry.audio, entry.language), entry]))

t.test('writes one sound a line, sorted, in readable letters', async (t) => {
  const entries = asMap(
    { ...right, language: 'kor', text: '불 꺼 줘' },
    { ...right, audio: 'cd'.repeat(32), text: '' },
    right
  )
  t.equal(renderTranscripts(entries), [
    `{"audio":"${audio}","language":"eng","text":"turn off the light please","engine":"vosk-0.3.39","model":"0123456789abcdef","durationMs":2490.06}`,
    `{"audio":"${audio}","language":"kor","text":"불 꺼 줘","engine":"vosk-0.3.39","model":"0123456789abcdef","durationMs":2490.06}`,
    `{"audio":"${'cd'.repeat(32)}","language":"eng","text":"","engine":"vosk-0.3.39","model":"0123456789abcdef","durationMs":2490.06}`,
    ''
  ].join('\n'))
  t.equal(renderTranscripts(new Map()), '')
})

t.test('takes what editors and merges leave', async (t) => {
  const other = { ...right, language: 'kor' as const }
  const newer = { ...right, model: 'f'.repeat(64) }
  const cases: [name: string, text: string, entries: TranscriptEntry[]][] = [
    ['nothing', '', []],
    ['one line', `${line}\n`, [right]],
    ['no newline at the end', line, [right]],
    ['CRLF', `${line}\r\n${JSON.stringify(other)}\r\n`, [right, other]],
    ['empty lines', `\n\n${line}\n \n`, [right]],
    ['a byte order mark', `\uFEFF${line}\n`, [right]],
    ['fields in another order', JSON.stringify(Object.fromEntries(Object.entries(right).reverse())), [right]],
    ['a line twice', `${line}\n${line}\n`, [right]],
    ['the same text by two models: the later line', `${line}\n${JSON.stringify(newer)}\n`, [newer]]
  ]
  for (const [name, text, entries] of cases) {
    t.strictSame(parseTranscripts(text), { entries: asMap(...entries), problems: [] }, name)
  }
})

t.test('tells everything that is wrong, with the number of the line', async (t) => {
  const changed = (changes: object) => JSON.stringify({ ...right, ...changes })
  const names = 'audio, language, text, engine, model, durationMs'
  const cases: [name: string, text: string, problems: string[]][] = [
    ['not JSON', `${line}\nhello\n`, ['line 2: is not JSON']],
    ['half a line', line.slice(0, -1), ['line 1: is not JSON']],
    ['an array', `[${line}]`, ['line 1: is not a JSON object']],
    ['null', 'null', ['line 1: is not a JSON object']],
    ['a conflict', `<<<<<<< HEAD\n${line}\n=======\n${line}\n>>>>>>> other\n`, [
      'line 1: a conflict that git has left (<<<<<<<): keep the right lines and delete this one',
      'line 3: a conflict that git has left (=======): keep the right lines and delete this one',
      'line 5: a conflict that git has left (>>>>>>>): keep the right lines and delete this one'
    ]],
    ['a field too many', changed({ lang: 'Eng' }), [`line 1: has a field of another name than ${names}`]],
    ['a name that objects have', '{"__proto__":1}', [`line 1: has a field of another name than ${names}`]],
    ['fields too few', '{"audio":"x","text":""}', ['line 1: language, engine, model, durationMs is missing']],
    ['a hash in capitals', changed({ audio: audio.toUpperCase() }), ['line 1: audio must be 64 hexadecimal digits']],
    ['the wire\'s language', changed({ language: 'Eng' }), ['line 1: language must be kor, eng, jpn, chn']],
    ['a text that is none', changed({ text: null }), ['line 1: text must be text']],
    ['no engine', changed({ engine: '' }), ['line 1: engine must be text that is not empty']],
    ['a short digest', changed({ model: '0123' }), ['line 1: model must be 16 to 64 hexadecimal digits']],
    ['a duration as text', changed({ durationMs: '1' }), ['line 1: durationMs must be a number from 0']],
    ['a negative duration', changed({ durationMs: -1 }), ['line 1: durationMs must be a number from 0']],
    ['an endless one', line.replace('2490.06', '1e999'), ['line 1: durationMs must be a number from 0']],
    ['two texts', `${line}\n\n${changed({ text: 'other' })}\n`,
      ['line 3: another text for the sound of line 1: delete one of the two']],
    ['all at once', `x\n${line}\n${changed({ text: 1 })}\n{}\n`,
      ['line 1: is not JSON', 'line 3: text must be text', `line 4: ${names} is missing`]],
    ['a file of another kind', 'x\n'.repeat(1000),
      [...Array.from({ length: 20 }, (_, index) => `line ${index + 1}: is not JSON`), 'and 980 lines more']]
  ]
  for (const [name, text, problems] of cases) t.strictSame(parseTranscripts(text).problems, problems, name)
})

const hexadecimal = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
const anyEntry: fc.Arbitrary<TranscriptEntry> = fc.record({
  audio: hexadecimal(64),
  language: fc.constantFrom(...LANGUAGES),
  text: fc.string({ unit: 'binary' }),
  engine: fc.string({ minLength: 1 }),
  model: hexadecimal(16),
  durationMs: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
}, { noNullPrototype: true })
const anyEntries = fc.array(anyEntry).map((entries) => asMap(...entries))

t.test('what was written is read again, whatever the texts are', async (t) => {
  fc.assert(fc.property(anyEntries, (entries) => {
    const { entries: read, problems } = parseTranscripts(Buffer.from(renderTranscripts(entries)).toString())
    const sorted = [...entries].sort(([one], [other]) => one < other ? -1 : 1)
    return problems.length === 0 && isDeepStrictEqual([...read], sorted)
  }))
  t.pass()
})

t.test('the order in which sounds came does not show', async (t) => {
  fc.assert(fc.property(anyEntries, (entries) =>
    renderTranscripts(new Map([...entries].reverse())) === renderTranscripts(entries)))
  t.pass()
})

t.test('any text is read, or it has problems with the numbers of their lines', async (t) => {
  const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom(line, '<<<<<<< HEAD', '\r', ''))
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const text = pieces.join('\n')
    const { entries, problems } = parseTranscripts(text)
    const lineCount = text.split('\n').filter((each) => each.trim() !== '').length
    if (problems.length === 0) return entries.size <= lineCount
    return problems.every((problem) => /^(line \d+: |and \d+ lines more$)/.test(problem))
  }))
  t.pass()
})
