import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { DecoderMessage, DecodeRequest } from '../../src/audio/decoder-child.ts'
import { forkDecoderChild } from '../../src/audio/decoder-pool.ts'
import { tone, writeWav } from '../helpers/wav.ts'

t.setTimeout(120_000)

async function startChild (t: Test): Promise<ChildProcess> {
  const child = forkDecoderChild()
  t.teardown(() => child.kill('SIGKILL'))
  const [message] = await once(child, 'message') as [DecoderMessage]
  t.strictSame(message, { kind: 'ready' })
  return child
}

async function decode (child: ChildProcess, request: DecodeRequest) {
  child.send(request)
  const [message] = await once(child, 'message') as [DecoderMessage]
  if (message.kind !== 'decoded') throw new TypeError(message.kind)
  const { kind, pcmBytes, log, rssBytes } = message
  return { kind, byteCount: pcmBytes.length, log, isRssPlausible: rssBytes > 2e7 && rssBytes < 1e9 }
}

t.test('decodes file after file, whatever the one before was, and ends with its parent', async t => {
  const child = await startChild(t)
  const rows: Array<{ name: string, input: DecodeRequest, byteCount: number, log: RegExp }> = [
    { name: 'a sound', input: { demuxer: 'wav', maxSeconds: 61, bytes: writeWav(tone(440, 8000, 8000), { sampleRateHertz: 8000 }) }, byteCount: 32_000, log: /^$/ },
    { name: 'no WAV', input: { demuxer: 'wav', maxSeconds: 61, bytes: Buffer.from('not a sound') }, byteCount: 0, log: /Invalid data found/ },
    { name: 'no bytes', input: { demuxer: 'wav', maxSeconds: 61, bytes: 5 as unknown as Buffer }, byteCount: 0, log: /Error/ },
    { name: 'a bomb', input: { demuxer: 'wav', maxSeconds: 61, bytes: writeWav(new Int16Array(100_000), { encoding: 'u8', sampleRateHertz: 1000 }) }, byteCount: 1_952_000, log: /^$/ },
    { name: 'a sound again', input: { demuxer: 'wav', maxSeconds: 61, bytes: writeWav(tone(440, 16_000), { encoding: 'f32' }) }, byteCount: 32_000, log: /^$/ }
  ]
  for (const { name, input, byteCount, log } of rows) {
    const decoded = await decode(child, input)
    t.match(decoded.log, log, name)
    t.strictSame(decoded, { kind: 'decoded', byteCount, log: decoded.log, isRssPlausible: true }, name)
  }
  child.disconnect()
  t.strictSame(await once(child, 'exit'), [0, null])
})

t.test('keeps the first 2048 characters of what the decoder complains about', async t => {
  const child = await startChild(t)
  // ADPCM whose every block begins with a step that does not exist: two lines for each packet.
  const wav = writeWav(new Int16Array(300_000), { encoding: 'ima' }).map((byte, index) => index < 48 ? byte : (index * 7919) >> 3)
  const { log } = await decode(child, { demuxer: 'wav', maxSeconds: 61, bytes: wav })
  t.equal(log.length, 2048)
})

t.test('ends when its parent is killed', async t => {
  const path = fileURLToPath(new URL('./fixtures/parent.ts', import.meta.url))
  const parent = spawn(process.execPath, [...process.execArgv, path], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [line] = await once(parent.stdout, 'data') as [Buffer]
  t.equal(line.toString(), 'ready\n')
  parent.kill('SIGKILL')
  // 'close' comes when nobody has the pipe of stderr any more, and the child has inherited it.
  parent.stderr.resume()
  t.strictSame(await once(parent, 'close'), [null, 'SIGKILL'])
})
