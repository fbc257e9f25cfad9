import t from 'tap'
import { samplesToMs } from '../../src/audio/pcm.ts'

const rows = [
  { name: 'nothing', input: 0, expected: 0 },
  { name: 'one sample', input: 1, expected: 0.0625 },
  { name: 'a second', input: 16_000, expected: 1000 },
  { name: 'a minute', input: 960_000, expected: 60_000 }
]

for (const { name, input, expected } of rows) {
  t.test(`gives the duration of ${name}`, async t => { t.equal(samplesToMs(input), expected) })
}
