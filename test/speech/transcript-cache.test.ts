import t from 'tap'
import { createTranscriptCache } from '../../src/speech/transcript-cache.ts'

const audio = (index: number) => index.toString(16).padStart(64, '0')

t.test('a text belongs to a sound and a language', async (t) => {
  const cache = createTranscriptCache(10_000)
  cache.set(audio(1), 'kor', '안녕')
  cache.set(audio(1), 'eng', '')
  t.strictSame(
    [cache.get(audio(1), 'kor'), cache.get(audio(1), 'eng'), cache.get(audio(1), 'jpn'), cache.get(audio(2), 'kor')],
    ['안녕', '', undefined, undefined]
  )
})

t.test('holds as many texts as have room, long ones count for more', async (t) => {
  const heldOf = (text: string, maxBytes: number) => {
    const cache = createTranscriptCache(maxBytes)
    for (let index = 0; index < 100; index++) cache.set(audio(index), 'eng', text)
    return Array.from({ length: 100 }, (_, index) => cache.get(audio(index), 'eng')).filter((each) => each === text).length
  }
  t.strictSame([heldOf('', 3_000), heldOf('x'.repeat(350), 3_000), heldOf('', 0), heldOf('', 299)], [10, 3, 0, 0])
})
