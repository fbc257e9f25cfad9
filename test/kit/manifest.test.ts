import t from 'tap'
import { answerFor, type KitAnswer, type Measured } from '../../src/kit/manifest.ts'

const sound: Measured = { bytes: 1000, decodedMs: 2000, allowanceMs: 0, text: 'hello' }
const refused = (status: number, errorCode: string): KitAnswer => ({ status, errorCode })
const heard: KitAnswer = { status: 200, text: 'hello' }

t.test('answers by the documented limits', async (t) => {
  const rows: Array<{ name: string, input: Partial<Measured>, expected: KitAnswer }> = [
    { name: 'a sound', input: {}, expected: heard },
    { name: 'a sound with any text', input: { text: undefined }, expected: { status: 200 } },
    { name: 'silence', input: { text: '' }, expected: { status: 200, text: '' } },
    { name: '3 MiB', input: { bytes: 3_145_728 }, expected: heard },
    { name: 'a byte more', input: { bytes: 3_145_729 }, expected: refused(413, 'STT000') },
    { name: 'no bytes', input: { bytes: 0, decodedMs: null }, expected: refused(400, 'STT003') },
    { name: 'no sound', input: { decodedMs: null }, expected: refused(500, 'STT006') },
    { name: '400 ms', input: { decodedMs: 400 }, expected: refused(400, 'STT007') },
    { name: 'a sample more than 400 ms', input: { decodedMs: 400.063 }, expected: heard },
    { name: '60 s', input: { decodedMs: 60_000 }, expected: heard },
    { name: 'a sample more than 60 s', input: { decodedMs: 60_000.063 }, expected: refused(413, 'STT001') },
    { name: '60.2 s with padding', input: { decodedMs: 60_200, allowanceMs: 200 }, expected: heard },
    { name: 'more', input: { decodedMs: 60_200.063, allowanceMs: 200 }, expected: refused(413, 'STT001') },
    { name: '400 ms with padding', input: { decodedMs: 400, allowanceMs: 200 }, expected: refused(400, 'STT007') },
    { name: '401 ms with padding', input: { decodedMs: 401, allowanceMs: 200 }, expected: heard },
    { name: 'too large and no sound', input: { bytes: 4_000_000, decodedMs: null }, expected: refused(413, 'STT000') },
    { name: 'too large and too long', input: { bytes: 4_000_000, decodedMs: 90_000 }, expected: refused(413, 'STT000') }
  ]
  for (const { name, input, expected } of rows) t.strictSame(answerFor({ ...sound, ...input }), expected, name)
})
