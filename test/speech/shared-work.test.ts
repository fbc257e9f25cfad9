import t from 'tap'
import { getEventListeners } from 'node:events'
import { createSharedWork } from '../../src/speech/shared-work.ts'

/** Work that ends when the test says so; notes how often it was started and whether it was aborted. */
function createWork () {
  const starts: { signal: AbortSignal, resolve (text: string): void, reject (error: unknown): void }[] = []
  const work = (signal: AbortSignal) => new Promise<string>((resolve, reject) => {
    starts.push({ signal, resolve, reject })
    signal.addEventListener('abort', () => { reject(signal.reason) })
  })
  return { starts, work }
}

const turn = () => new Promise(setImmediate)
const outcome = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
const callers = (count: number) => Array.from({ length: count }, () => new AbortController())

const rejections: unknown[] = []
const noteRejection = (reason: unknown) => { rejections.push(reason) }
process.on('unhandledRejection', noteRejection)
t.teardown(() => { process.off('unhandledRejection', noteRejection) })

t.test('the first caller starts it, the others join; another key is another work', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const [one, two, three, other] = callers(4)
  const results = [one, two, three].map((caller) => shared.run('a', caller!.signal, work))
  const elsewhere = shared.run('b', other!.signal, work)
  await turn()
  t.equal(starts.length, 2)
  starts[0]!.resolve('text')
  starts[1]!.resolve('other text')
  t.strictSame(await Promise.all(results), [
    { value: 'text', isJoined: false }, { value: 'text', isJoined: true }, { value: 'text', isJoined: true }
  ])
  t.strictSame(await elsewhere, { value: 'other text', isJoined: false })
  for (const caller of [one, two, three, other]) t.strictSame(getEventListeners(caller!.signal, 'abort'), [])
})

t.test('what has ended is started anew, after a success and after an error', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const [caller] = callers(1)
  for (const [index, isGood] of [true, false, true].entries()) {
    const result = outcome(shared.run('a', caller!.signal, work))
    await turn()
    t.equal(starts.length, index + 1)
    isGood ? starts[index]!.resolve('text') : starts[index]!.reject('broken')
    t.strictSame(await result, isGood ? { value: 'text', isJoined: false } : 'broken')
  }
  t.strictSame(getEventListeners(caller!.signal, 'abort'), [])
})

t.test('an error goes to everybody who waits', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const all = callers(3)
  const results = all.map(({ signal }) => outcome(shared.run('a', signal, work)))
  await turn()
  const error = new Error('broken')
  starts[0]!.reject(error)
  t.strictSame(await Promise.all(results), [error, error, error])
  for (const { signal } of all) t.strictSame(getEventListeners(signal, 'abort'), [])
})

t.test('work that throws before it gives a promise is an error like any other', async (t) => {
  const shared = createSharedWork<string>()
  const [one, two] = callers(2)
  const work = () => { throw new RangeError('at once') }
  const results = [one, two].map((caller) => outcome(shared.run('a', caller!.signal, work)))
  for (const result of await Promise.all(results)) t.match(result, { message: 'at once' })
})

t.test('who leaves gets the reason of its own signal; the others stay', async (t) => {
  for (const leaving of [0, 1, 2]) {
    const { starts, work } = createWork()
    const shared = createSharedWork<string>()
    const all = callers(3)
    const results = all.map(({ signal }) => outcome(shared.run('a', signal, work)))
    await turn()
    all[leaving]!.abort('gone')
    t.equal(await results[leaving], 'gone', `caller ${leaving}`)
    t.notOk(starts[0]!.signal.aborted)
    starts[0]!.resolve('text')
    const stayed = results.filter((_, index) => index !== leaving)
    for (const result of await Promise.all(stayed)) t.match(result, { value: 'text' })
    t.equal(starts.length, 1)
    for (const { signal } of all) t.strictSame(getEventListeners(signal, 'abort'), [])
  }
})

t.test('when the last one leaves, the work is aborted with its reason', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const all = callers(3)
  const results = all.map(({ signal }) => outcome(shared.run('a', signal, work)))
  await turn()
  all[1]!.abort('second gone')
  all[0]!.abort('first gone')
  t.notOk(starts[0]!.signal.aborted, 'one is left')
  all[2]!.abort('third gone')
  t.ok(starts[0]!.signal.aborted)
  t.equal(starts[0]!.signal.reason, 'third gone')
  t.strictSame(await Promise.all(results), ['first gone', 'second gone', 'third gone'])
})

t.test('who has left already starts nothing', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  t.equal(await outcome(shared.run('a', AbortSignal.abort('before'), work)), 'before')
  const [caller] = callers(1)
  const result = outcome(shared.run('a', caller!.signal, work))
  caller!.abort('in the same turn')
  t.equal(await result, 'in the same turn')
  await turn()
  t.equal(starts.length, 0)
})

t.test('who comes after the last one has left does not join what is ending', async (t) => {
  const shared = createSharedWork<string>()
  const [one, two, three] = callers(3)
  let endFirst = () => {}
  // This one takes its time to end, as a worker does that is in the middle of a piece.
  const first = outcome(shared.run('a', one!.signal, () => new Promise((_resolve, reject) => {
    endFirst = () => { reject(new Error('late')) }
  })))
  await turn()
  one!.abort('gone')
  t.equal(await first, 'gone')
  const { starts, work } = createWork()
  const second = shared.run('a', two!.signal, work)
  await turn()
  t.equal(starts.length, 1, 'a work of its own')
  endFirst()
  await turn()
  const third = shared.run('a', three!.signal, work)
  await turn()
  t.equal(starts.length, 1, 'the end of the first has not made the second forgotten')
  starts[0]!.resolve('text')
  t.strictSame(await Promise.all([second, third]), [
    { value: 'text', isJoined: false }, { value: 'text', isJoined: true }
  ])
})

t.test('a new call from inside an abort starts anew', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const [one, two] = callers(2)
  const first = outcome(shared.run('a', one!.signal, work))
  await turn()
  let again: Promise<unknown> | undefined
  starts[0]!.signal.addEventListener('abort', () => { again = shared.run('a', two!.signal, work) })
  one!.abort('gone')
  await turn()
  t.equal(starts.length, 2)
  starts[1]!.resolve('text')
  t.strictSame(await again, { value: 'text', isJoined: false })
  t.equal(await first, 'gone')
})

t.test('a call for the same key from inside the work joins it', async (t) => {
  const shared = createSharedWork<string>()
  const [one, two] = callers(2)
  let inner: Promise<unknown> | undefined
  const result = await shared.run('a', one!.signal, async () => {
    inner = shared.run('a', two!.signal, async () => 'never')
    return 'text'
  })
  t.strictSame([result, await inner], [{ value: 'text', isJoined: false }, { value: 'text', isJoined: true }])
})

t.test('who leaves after the end has changed nothing', async (t) => {
  const { starts, work } = createWork()
  const shared = createSharedWork<string>()
  const [caller] = callers(1)
  const result = shared.run('a', caller!.signal, work)
  await turn()
  starts[0]!.resolve('text')
  await result
  caller!.abort('later')
  t.notOk(starts[0]!.signal.aborted)
})

t.test('in all of the above no rejection was left to nobody', async (t) => {
  await turn()
  t.strictSame(rejections, [])
})
