import t from 'tap'
import fc from 'fast-check'
import { toTranscript } from '../../src/speech/transcript.ts'

type Case = [name: string, utterances: string[], spaced: string, joined: string]

const cases: Case[] = [
  ['nothing', [], '', ''],
  ['empty utterances', ['', ' '], '', ''],
  ['one word', ['hello'], 'hello', 'hello'],
  ['several utterances', ['turn on', 'the light'], 'turn on the light', 'turn on the light'],
  ['many blanks', ['  a   b\n'], 'a b', 'a b'],
  ['capitals', ['Turn ON'], 'turn on', 'turn on'],
  ['sentence marks', ['Hello, Mr. Kim! Yes? “No…”'], 'hello mr kim yes no', 'hello mr kim yes no'],
  ['marks inside words', ["don't e-mail 'quoted' - dash"], "don't e-mail quoted dash", "don't e-mail quoted dash"],
  ['markers of noise and unknown words', ['<unk> yes [noise]', '[laughter]'], 'yes', 'yes'],
  ['Hangul', ['네이버 클라우드 csr 테스트'], '네이버 클라우드 csr 테스트', '네이버클라우드csr테스트'],
  ['Hangul in letters instead of syllables', ['한글'], '한글', '한글'],
  ['kana and kanji', ['こんにちは 世界', '。 です'], 'こんにちは 世界 です', 'こんにちは世界です'],
  ['Latin among kanji', ['今日 は open api 2 0 です'], '今日 は open api 2 0 です', '今日はopen api 2 0です']
]

t.test('writes transcripts in the vendor\'s habits', async (t) => {
  for (const [name, utterances, spaced, joined] of cases) {
    t.equal(toTranscript(utterances, true), spaced, name)
    t.equal(toTranscript(utterances, false), joined, `${name}, without blanks`)
  }
})

t.test('any text comes out tidy, and a second time unchanged', async (t) => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.boolean(), (utterances, hasBlanks) => {
    const text = toTranscript(utterances, hasBlanks)
    return text === text.trim() && !/\s\s|[.,!?]/.test(text) && toTranscript([text], hasBlanks) === text
  }))
  t.pass()
})
