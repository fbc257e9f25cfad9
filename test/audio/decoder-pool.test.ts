import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { createDecoderPool, type DecoderPoolOptions } from '../../src/audio/decoder-pool.ts'
import type { DecodeRequest } from '../../src/audio/decoder-child.ts'

const { signal } = new AbortController()
const request: DecodeRequest = { demuxer: 'wav', maxSeconds: 61, bytes: Buffer.alloc(6) }

t.setTimeout(120_000)

/** A child that speaks the channel of the pool and does what `script` says. */
function spawnScript (script: string): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']
  return spawn(process.execPath, ['-e', script], { stdio, serialization: 'advanced', env: {} })
}
/** Gives the bytes back. Real children are too slow to start for the number of them here. */
const spawnEcho = (): ChildProcess => spawnScript('process.send({ kind: "ready" });' +
  'process.on("message", ({ bytes }) => process.send({ kind: "decoded", pcmBytes: bytes, log: "", rssBytes: 1e6 }))')
const spawnHung = (): ChildProcess => spawnScript('process.on("SIGTERM", () => {}); process.send({ kind: "ready" });' +
  'process.on("message", () => { for (;;) ; })')
const spawnMute = (): ChildProcess => spawnScript('process.on("message", () => {})')

type Forks = Array<() => ChildProcess>

/** A pool whose children are made by `forks` one after the other, then by the last of them; closed by teardown. */
function createPool (t: Test, forks: Forks = [spawnEcho], options: Partial<DecoderPoolOptions> = {}) {
  const children: ChildProcess[] = []
  const pool = createDecoderPool({
    childCount: 1,
    queueLength: 10,
    timeoutMs: 20_000,
    forkChild () {
      const child = forks[Math.min(children.length, forks.length - 1)]!()
      children.push(child)
      return child
    },
    ...options
  })
  t.teardown(() => pool.close())
  const run = (ofRequest = request, jobSignal = signal) => outcomeOf(pool.run(ofRequest, jobSignal))
  return { pool, children, run }
}

async function outcomeOf (promise: Promise<{ samples: Int16Array, log: string }>) {
  try {
    const { samples, log } = await promise
    return { sampleCount: samples.length, log }
  } catch (error) {
    const { key, reason } = error as { key?: string, reason?: string }
    return key === undefined ? error : { key, reason }
  }
}

const decoded = { sampleCount: 3, log: '' }
const failed = (reason: string) => ({ key: 'STT_DECODE_FAILED', reason })
const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

t.test('starts no child before it needs one, and never more than it may', async t => {
  const { children, run } = createPool(t, undefined, { childCount: 2 })
  t.equal(children.length, 0)
  t.strictSame(await run(), decoded)
  t.strictSame(await run(), decoded)
  t.equal(children.length, 1, 'the idle child is used again')
  t.strictSame(await Promise.all([run(), run(), run(), run()]), [decoded, decoded, decoded, decoded])
  t.equal(children.length, 2)
})

t.test('refuses a file when too many wait already', async t => {
  const { run } = createPool(t, undefined, { queueLength: 1 })
  const refused = { key: 'GATEWAY_ENDPOINT_ERROR', reason: '1 files wait for a decoder already' }
  t.strictSame(await Promise.all([run(), run(), run()]), [decoded, decoded, refused])
  t.strictSame(await run(), decoded)
})

t.test('takes a file at once with no queue at all', async t => {
  const { run } = createPool(t, undefined, { queueLength: 0 })
  const refused = { key: 'GATEWAY_ENDPOINT_ERROR', reason: '0 files wait for a decoder already' }
  t.strictSame(await Promise.all([run(), run()]), [decoded, refused])
})

t.test('answers for a child that does not, and starts another', async t => {
  const rows = [
    { name: 'hangs in a loop', input: spawnHung, options: { timeoutMs: 5 }, expected: failed('decoding took longer than 5 ms') },
    {
      name: 'exits',
      input: () => spawnScript('process.on("message", () => process.exit(3))'),
      options: {},
      expected: failed('the decoder child ended with exit code 3')
    },
    {
      name: 'closes its channel',
      input: () => { const child = spawnMute(); child.disconnect(); return child },
      options: {},
      expected: failed('the decoder child took no file: Channel closed')
    }
  ]
  for (const { name, input, options, expected } of rows) {
    t.test(name, async t => {
      const { children, run } = createPool(t, [input], options)
      t.strictSame(await run(), expected)
      t.strictSame(await run(), expected)
      t.equal(children.length, 2)
    })
  }
})

t.test('refuses the file of a child that is killed, and decodes the next', async t => {
  const { children, run } = createPool(t, [spawnMute, spawnEcho])
  const answers = Promise.all([run(), run()])
  children[0]!.kill('SIGKILL')
  t.strictSame(await answers, [failed('the decoder child ended with SIGKILL'), decoded])
  t.equal(children.length, 2)
})

t.test('refuses a file when no child can be started', async t => {
  const { pool, run } = createPool(t, [() => spawn('/nonexistent', { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })])
  t.strictSame(await run(), failed('the decoder child failed: spawn /nonexistent ENOENT'))
  await pool.close()
})

t.test('counts the time of a file from when the child is ready until it answers', async t => {
  const events: string[] = []
  const { setTimeout: start, clearTimeout: clear } = globalThis
  const { children, run } = createPool(t, [spawnMute])
  t.capture(globalThis, 'setTimeout', ((callback: () => void, delayMs: number) => {
    events.push(`start ${delayMs}`)
    const timer = start(callback, delayMs)
    timer.refresh = () => { events.push('refresh'); return timer }
    return timer
  }) as typeof setTimeout)
  t.capture(globalThis, 'clearTimeout', (timer: NodeJS.Timeout) => { events.push('clear'); clear(timer) })
  const answer = run()
  children[0]!.emit('message', { kind: 'ready' })
  // An odd number of bytes: the last is no sample.
  children[0]!.emit('message', { kind: 'decoded', pcmBytes: new Uint8Array([1, 0, 255]), log: 'late', rssBytes: 1 })
  t.strictSame(await answer, { sampleCount: 1, log: 'late' })
  t.strictSame(events, ['start 20000', 'refresh', 'clear'])
})

t.test('replaces a child that has worked or grown enough', async t => {
  const rows = [
    { name: 'files', input: { maxChildJobCount: 2 }, expected: 2 },
    { name: 'memory', input: { maxChildRssBytes: 1 }, expected: 3 },
    { name: 'neither', input: {}, expected: 1 }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => {
      const { children, run } = createPool(t, undefined, input)
      for (let file = 0; file < 3; file++) t.strictSame(await run(), decoded)
      t.equal(children.length, expected)
    })
  }
})

t.test('drops a file that waits when its client has gone', async t => {
  const { run } = createPool(t, undefined, { queueLength: 1 })
  const controller = new AbortController()
  const first = run()
  const second = run(request, controller.signal)
  controller.abort('gone')
  const third = run()
  t.strictSame(await Promise.all([first, second, third]), [decoded, 'gone', decoded], 'the third has the place of the second')
})

t.test('ignores the answer for a file whose client has gone, and uses the child again', async t => {
  const { children, run } = createPool(t)
  const controller = new AbortController()
  const first = run(request, controller.signal)
  const second = run({ ...request, bytes: Buffer.alloc(5) })
  controller.abort('gone')
  t.strictSame(await Promise.all([first, second]), ['gone', { sampleCount: 2, log: '' }])
  t.equal(children.length, 1)
})

t.test('does not begin for a client that has gone', async t => {
  const { children, run } = createPool(t)
  t.equal(await run(request, AbortSignal.abort('gone')), 'gone')
  t.equal(children.length, 0)
})

t.test('leaves no listener on a signal that outlives its file', async t => {
  const { run } = createPool(t, [() => spawnScript('process.on("message", () => process.exit(3))'), spawnEcho])
  const controller = new AbortController()
  let listenerCount = 0
  t.capture(controller.signal, 'addEventListener', () => { listenerCount += 1 })
  t.capture(controller.signal, 'removeEventListener', () => { listenerCount -= 1 })
  await run(request, controller.signal)
  t.equal(listenerCount, 0, 'after a failure')
  await run(request, controller.signal)
  t.equal(listenerCount, 0, 'after an answer')
})

t.test('close kills every child, idle or hung', async t => {
  const { pool, children, run } = createPool(t, [spawnEcho, spawnHung], { childCount: 2 })
  const answers = [run(), run()]
  await once(children[1]!, 'message')
  t.strictSame(await answers[0], decoded)
  await pool.close()
  t.strictSame(await answers[1], failed('the decoder was closed'))
  t.strictSame(children.map(isGone), [true, true])
  await pool.close()
})

t.test('close refuses what waits and what comes', async t => {
  const { pool, children, run } = createPool(t, [spawnMute])
  const answers = Promise.all([run(), run()])
  const closing = pool.close()
  // The answer that the child had sent before it was killed.
  children[0]!.emit('message', { kind: 'decoded', pcmBytes: new Uint8Array(), log: '', rssBytes: 1 })
  await closing
  const closed = failed('the decoder was closed')
  t.strictSame(await answers, [closed, closed])
  t.strictSame(await run(), failed('the decoder is closed'))
  t.equal(children.length, 1)
})

t.test('holds the process while it decodes, and not when it is idle', async t => {
  const path = fileURLToPath(new URL('./fixtures/forgets-to-close.ts', import.meta.url))
  const server = spawn(process.execPath, [...process.execArgv, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  server.stdout.on('data', chunk => { output += chunk })
  t.strictSame(await once(server, 'close'), [0, null])
  t.equal(output, '1 1000\n2 1000\n')
})
