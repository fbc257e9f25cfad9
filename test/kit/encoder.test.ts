import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import t, { type Test } from 'tap'
import { createEncoder, type EncoderOptions } from '../../src/kit/encoder.ts'
import { tone, writeWav } from '../helpers/wav.ts'

t.setTimeout(120_000)

const wav = writeWav(tone(440, 8000))

/** With the real child. One for all tests: each child is slow at first, until what it runs is optimised. */
const ffmpeg = createEncoder()
t.teardown(() => ffmpeg.close())

function createTested (t: Test, options: EncoderOptions) {
  const encoder = createEncoder(options)
  t.teardown(() => encoder.close())
  return encoder
}

/** A child that speaks the encoder's channel and does what `script` says. */
function spawnScript (script: string): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', 'ipc']
  return spawn(process.execPath, ['-e', script], { stdio, serialization: 'advanced', env: {} })
}

t.test('makes files of many kinds', async (t) => {
  const rows = [
    { muxer: 'flac', parameters: ['-c:a', 'flac'], start: 'fLaC' },
    { muxer: 'ogg', parameters: ['-c:a', 'libvorbis'], start: 'OggS' },
    { muxer: 'opus', parameters: ['-c:a', 'libopus'], start: 'OggS' },
    { muxer: 'ogg', parameters: ['-c:a', 'flac'], start: 'OggS' },
    { muxer: 'mp3', parameters: ['-c:a', 'libmp3lame', '-ar', '44100', '-ac', '2'], start: 'ID3' },
    { muxer: 'adts', parameters: ['-c:a', 'aac'], start: '\xff\xf1' },
    { muxer: 'ac3', parameters: ['-ar', '48000'], start: '\x0b\x77' },
    { muxer: 'eac3', parameters: ['-ar', '48000'], start: '\x0b\x77' },
    { muxer: 'wav', parameters: ['-c:a', 'adpcm_ima_wav'], start: 'RIFF' },
    { muxer: 'webm', parameters: ['-c:a', 'libopus', '-live', '1'], start: '\x1a\x45\xdf\xa3' }
  ]
  for (const { start, ...request } of rows) {
    const bytes = await ffmpeg.encode({ input: wav, ...request })
    t.equal(bytes.toString('latin1', 0, start.length), start, `${request.muxer} ${request.parameters.join(' ')}`)
  }
})

t.test('decodes what it is told to', async (t) => {
  const flac = await ffmpeg.encode({ input: wav, muxer: 'flac' })
  const pcm = await ffmpeg.encode({ input: flac, inputParameters: ['-f', 'flac'], muxer: 's16le' })
  t.ok(pcm.equals(wav.subarray(44)))
})

t.test('takes further files', async (t) => {
  const joined = await ffmpeg.encode({
    input: wav,
    files: { second: wav },
    parameters: ['-i', 'second', '-filter_complex', '[0:a][1:a]concat=v=0:a=1'],
    muxer: 's16le'
  })
  t.equal(joined.length, 2 * 8000 * 2)
})

t.test('does calls one after the other', async (t) => {
  const order: string[] = []
  await Promise.all(['flac', 's16le', 'wav'].map(async (muxer) => {
    await ffmpeg.encode({ input: wav, muxer })
    order.push(muxer)
  }))
  t.strictSame(order, ['flac', 's16le', 'wav'])
})

t.test('says what FFmpeg said when nothing was written, and goes on', async (t) => {
  await t.rejects(ffmpeg.encode({ input: wav, parameters: ['-c:a', 'nothing'], muxer: 'flac' }), {
    message: /^FFmpeg wrote nothing for "-c:a nothing -f flac": Unknown encoder 'nothing'/
  })
  await t.rejects(ffmpeg.encode({ input: Buffer.from('no sound'), muxer: 'flac' }), {
    message: /^FFmpeg wrote nothing for "-f flac": .*Invalid data found/s
  })
  t.ok((await ffmpeg.encode({ input: wav, muxer: 'flac' })).length > 0)
})

t.test('says that the process died, and starts another', async (t) => {
  const echo = 'process.on("message", ({ input }) => process.send({ bytes: input, log: "" }))'
  const rows = [
    {
      name: 'it exits',
      fork: () => spawnScript('process.on("message", () => process.exit(3))'),
      message: 'the encoder process ended with exit code 3'
    },
    {
      name: 'it is killed',
      fork: () => spawnScript('process.on("message", () => process.kill(process.pid, "SIGKILL"))'),
      message: 'the encoder process ended with SIGKILL'
    },
    {
      name: 'it cannot be started',
      fork: () => spawn('/nonexistent', { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
      message: /^the encoder process failed: spawn \/nonexistent ENOENT/
    }
  ]
  for (const { name, fork, message } of rows) {
    t.test(name, async (t) => {
      const forks = [fork, () => spawnScript(echo)]
      const encoder = createTested(t, { forkChild: () => forks.shift()!() })
      await t.rejects(encoder.encode({ input: wav, muxer: 'wav' }), { message })
      t.ok((await encoder.encode({ input: wav, muxer: 'wav' })).equals(wav))
    })
  }
})

t.test('starts no process before the first file, and leaves none', async (t) => {
  const children: ChildProcess[] = []
  const forkChild = (): ChildProcess => {
    const child = spawnScript('process.on("message", () => { for (;;) ; })')
    children.push(child)
    return child
  }
  const encoder = createEncoder({ forkChild })
  t.equal(children.length, 0)
  const file = encoder.encode({ input: wav, muxer: 'wav' })
  const waiting = encoder.encode({ input: wav, muxer: 'wav' })
  const outcomes = Promise.allSettled([file, waiting])
  while (children.length === 0) await new Promise(setImmediate)
  await encoder.close()
  t.equal(children[0]!.signalCode, 'SIGKILL')
  const reasons = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.message)
  t.strictSame(reasons, ['the encoder process ended with SIGKILL', 'the encoder is closed'])
  await encoder.close()
  t.equal(children.length, 1)
})
