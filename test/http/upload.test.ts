import t from 'tap'
import fc from 'fast-check'
import { Readable } from 'node:stream'
import type { ApiError } from '../../src/errors/api-error.ts'
import { readUpload } from '../../src/http/upload.ts'

const pieces = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)), { objectMode: false })
const nothing = () => {}

async function outcome (upload: Promise<Buffer>): Promise<string> {
  try {
    return (await upload).toString()
  } catch (error) {
    return (error as ApiError).reason ?? String(error)
  }
}

t.test('reads up to the limit and not a byte more', async (t) => {
  type Case = [name: string, body: Readable, declaredBytes: number | undefined, expected: string]
  const cases: Case[] = [
    ['nothing', pieces(), undefined, ''],
    ['in one piece', pieces('abcd'), 4, 'abcd'],
    ['in several', pieces('a', 'bc', 'd'), undefined, 'abcd'],
    ['declared too large', pieces('a'), 5, 'the body has 5 bytes, the limit is 4'],
    ['too large without saying so', pieces('ab', 'cde', 'f'), undefined, 'the body has at least 5 bytes, the limit is 4'],
    ['a stream that breaks', new Readable({ read () { this.destroy(new Error('broken')) } }), 4, 'Error: broken']
  ]
  for (const [name, body, declaredBytes, expected] of cases) {
    t.equal(await outcome(readUpload(body, declaredBytes, 4, nothing)), expected, name)
  }
})

t.test('asks for the body only when its declared size is right', async (t) => {
  const started: string[] = []
  await outcome(readUpload(pieces('ab'), 5, 4, () => { started.push('too large') }))
  await outcome(readUpload(pieces('ab'), 2, 4, () => { started.push('right') }))
  await outcome(readUpload(pieces('ab'), undefined, 4, () => { started.push('unknown') }))
  t.strictSame(started, ['right', 'unknown'])
})

t.test('stops reading at the limit', async (t) => {
  let producedBytes = 0
  const endless = new Readable({ read () { producedBytes += 1_000; this.push(Buffer.alloc(1_000)) } })
  t.equal(await outcome(readUpload(endless, undefined, 10_000, nothing)), 'the body has at least 11000 bytes, the limit is 10000')
  t.ok(endless.isPaused())
  t.ok(producedBytes < 10_000 + 2 * endless.readableHighWaterMark, `${producedBytes} bytes were produced`)
  endless.destroy()
})

t.test('the pieces make no difference', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string({ minLength: 1 })), async (texts) => {
    const whole = Buffer.from(texts.join(''))
    return await outcome(readUpload(pieces(...texts), undefined, whole.length, nothing)) === whole.toString()
  }))
  t.pass()
})
