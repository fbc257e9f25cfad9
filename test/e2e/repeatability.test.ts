/** The same sound gives the same text, always: one after the other and many at once. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startServerProcess } from '../helpers/server-process.ts'
import { transcript, type ExpectedAnswer } from './support/answers.ts'
import { LIGHT_PATH, SPEECH_FOLDER } from './support/sounds.ts'

t.setTimeout(300_000)

const COUNT = 100

/** The file names tell the words: `play-the-next-music-44k1-stereo.wav`. */
const FIXTURES = readdirSync(SPEECH_FOLDER).filter((name) => name.endsWith('.wav')).map((name) => ({
  name, path: join(SPEECH_FOLDER, name), expected: transcript(name.replace(/-\d+k.*$/, '').replaceAll('-', ' '))
}))
const SOUNDS = [...FIXTURES, {
  name: 'example.wav', path: LIGHT_PATH, expected: transcript('turn off the light please')
}]

// Otherwise the second answer would be the first one's text, taken from memory.
const { url } = await startServerProcess(t, ['--cache-bytes', '0'], { shouldWaitUntilReady: true })

async function recognize (sound: Buffer): Promise<ExpectedAnswer> {
  const answer = await fetch(`${url}/recog/v1/stt?lang=Eng`, {
    method: 'POST',
    headers: {
      'x-ncp-apigw-api-key-id': 'id', 'x-ncp-apigw-api-key': 'secret', 'content-type': 'application/octet-stream'
    },
    body: new Uint8Array(sound)
  })
  return { status: answer.status, body: await answer.text() }
}

/** Each answer that was given, once. */
const different = (answers: readonly ExpectedAnswer[]): ExpectedAnswer[] =>
  [...new Map(answers.map((each) => [JSON.stringify(each), each])).values()]

t.ok(FIXTURES.length >= 3, 'there are recorded sounds')

for (const { name, path, expected } of SOUNDS) {
  t.test(`${name}: ${COUNT} times one text`, async (t) => {
    const sound = readFileSync(path)
    const inSequence: ExpectedAnswer[] = []
    for (let index = 0; index < COUNT; index++) inSequence.push(await recognize(sound))
    t.strictSame(different(inSequence), [expected], 'one after the other')
    const inParallel = await Promise.all(Array.from({ length: COUNT }, () => recognize(sound)))
    t.strictSame(different(inParallel), [expected], 'all at once')
  })
}

t.test('different sounds at once keep their own texts', async (t) => {
  const sounds = SOUNDS.map(({ path, expected }) => ({ sound: readFileSync(path), expected }))
  const jobs = Array.from({ length: COUNT / SOUNDS.length }, () => sounds).flat()
  const answers = await Promise.all(jobs.map(({ sound }) => recognize(sound)))
  t.strictSame(answers, jobs.map(({ expected }) => expected))
})
