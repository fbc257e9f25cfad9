import fc from 'fast-check'
import t from 'tap'
import { countFrames, readWavHeader, type WavHeader } from '../../src/audio/wav-header.ts'
import { chunk, tone, writeWav } from '../helpers/wav.ts'

const second = tone(440, 16_000)
const wav = writeWav(second)

const plain: WavHeader = {
  formatTag: 1,
  encoding: 'pcm_s16le',
  channelCount: 1,
  sampleRateHertz: 16_000,
  bytesPerSecond: 32_000,
  blockBytes: 2,
  bitsPerSample: 16,
  validBits: undefined,
  blockFrameCount: 1,
  dataOffset: 44,
  declaredDataBytes: 32_000,
  availableDataBytes: 32_000,
  isHonest: true
}

function withBytes (offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(wav)
  copy.set(values, offset)
  return copy
}

t.test('reads what a header says', async t => {
  const rows: Array<{ name: string, input: Buffer, expected: WavHeader }> = [
    { name: 'plain 16 bits', input: wav, expected: plain },
    {
      name: '8 bits, two channels',
      input: writeWav(second, { encoding: 'u8', channelCount: 2 }),
      expected: {
        ...plain, encoding: 'pcm_u8', channelCount: 2, bitsPerSample: 8, declaredDataBytes: 16_000, availableDataBytes: 16_000, bytesPerSecond: 32_000
      }
    },
    {
      name: '24 valid bits in 32',
      input: writeWav(second, { encoding: 's32', validBits: 24 }),
      expected: {
        ...plain,
        formatTag: 0xfffe,
        encoding: 'pcm_s32le',
        bytesPerSecond: 64_000,
        blockBytes: 4,
        bitsPerSample: 32,
        validBits: { count: 24, offset: 38 },
        dataOffset: 68,
        declaredDataBytes: 64_000,
        availableDataBytes: 64_000
      }
    },
    {
      name: 'EXTENSIBLE with a sub format that is no format tag',
      input: (() => { const b = writeWav(second, { validBits: 16 }); b[50] = 0x21; return b })(),
      expected: { ...plain, formatTag: 0xfffe, encoding: 'unknown', validBits: { count: 16, offset: 38 }, dataOffset: 68, blockFrameCount: undefined }
    },
    {
      name: 'EXTENSIBLE without the room for it',
      input: withBytes(20, 0xfe, 0xff),
      expected: { ...plain, formatTag: 0xfffe, encoding: 'unknown', blockFrameCount: undefined }
    },
    {
      name: 'IMA ADPCM',
      input: writeWav(second, { encoding: 'ima' }),
      expected: {
        ...plain,
        formatTag: 0x11,
        encoding: 'adpcm_ima_wav',
        bytesPerSecond: 8111,
        blockBytes: 256,
        bitsPerSample: 4,
        blockFrameCount: 505,
        dataOffset: 48,
        declaredDataBytes: 8192,
        availableDataBytes: 8192
      }
    },
    {
      name: 'ADPCM that does not say how many samples a block has',
      input: withBytes(20, 0x02),
      expected: { ...plain, formatTag: 2, encoding: 'adpcm_ms', blockFrameCount: undefined }
    },
    { name: 'a chunk of an odd size before the data', input: writeWav(second, { chunksBeforeData: [chunk('LIST', Buffer.alloc(5))] }), expected: { ...plain, dataOffset: 58 } },
    { name: 'something behind the data', input: writeWav(second, { chunksAfterData: [chunk('LIST', Buffer.alloc(8))] }), expected: plain },
    { name: 'a second fmt chunk, which does not count', input: writeWav(second, { chunksBeforeData: [chunk('fmt ', Buffer.alloc(16))] }), expected: { ...plain, dataOffset: 68 } },
    { name: 'RF64', input: writeWav(second, { isRf64: true }), expected: { ...plain, dataOffset: 80 } },
    { name: 'RF64 with something behind the data', input: writeWav(second, { isRf64: true, chunksAfterData: [Buffer.alloc(10)] }), expected: { ...plain, dataOffset: 80 } },
    { name: 'a ds64 chunk that is too short', input: writeWav(second, { chunksBeforeData: [chunk('ds64', Buffer.alloc(8))] }), expected: { ...plain, dataOffset: 60 } },
    { name: 'size 0', input: writeWav(second, { declaredDataBytes: 0 }), expected: { ...plain, declaredDataBytes: 0, isHonest: false } },
    { name: 'size 0xffffffff', input: writeWav(second, { declaredDataBytes: 0xffff_ffff }), expected: { ...plain, declaredDataBytes: 0xffff_ffff, isHonest: false } },
    { name: 'a size that is too large', input: writeWav(second, { declaredDataBytes: 32_001 }), expected: { ...plain, declaredDataBytes: 32_001, isHonest: false } },
    { name: 'a file that is cut off', input: wav.subarray(0, 45), expected: { ...plain, availableDataBytes: 1, isHonest: false } }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.strictSame(readWavHeader(input), { header: expected }) })
  }
})

t.test('names each encoding as FFmpeg does', async t => {
  const rows = [
    { name: 's24', input: withBytes(34, 24), expected: 'pcm_s24le' },
    { name: 'f32', input: writeWav(second, { encoding: 'f32' }), expected: 'pcm_f32le' },
    { name: 'f64', input: writeWav(second, { encoding: 'f64' }), expected: 'pcm_f64le' },
    { name: 'alaw', input: writeWav(second, { encoding: 'alaw' }), expected: 'pcm_alaw' },
    { name: 'mulaw', input: writeWav(second, { encoding: 'mulaw' }), expected: 'pcm_mulaw' },
    { name: 'ms', input: writeWav(second, { encoding: 'ms' }), expected: 'adpcm_ms' },
    { name: 'tag 0x31', input: withBytes(20, 0x31), expected: 'gsm_ms' },
    { name: 'tag 0x45', input: withBytes(20, 0x45), expected: 'adpcm_g726' },
    { name: 'tag 0x50', input: withBytes(20, 0x50), expected: 'mp2' },
    { name: 'tag 0x55', input: withBytes(20, 0x55), expected: 'mp3' },
    { name: 'tag 0x99', input: withBytes(20, 0x99), expected: 'unknown' }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => {
      const reading = readWavHeader(input)
      t.equal('header' in reading ? reading.header.encoding : reading.problem, expected)
    })
  }
})

t.test('says why there is no header', async t => {
  const noFormat = 'the WAV file has no whole fmt chunk before its data'
  const noData = 'the WAV file has no data chunk'
  const empty = Array.from({ length: 1000 }, () => chunk('JUNK', Buffer.alloc(0)))
  const rows = [
    { name: 'nothing', input: Buffer.alloc(0), expected: noFormat },
    { name: 'no chunk', input: wav.subarray(0, 12), expected: noFormat },
    { name: 'a fmt chunk that is too short', input: withBytes(16, 14), expected: noFormat },
    { name: 'a file that ends inside fmt', input: wav.subarray(0, 35), expected: noFormat },
    { name: 'data before fmt', input: withBytes(12, ...Buffer.from('data')), expected: noFormat },
    { name: 'a chunk past the end', input: withBytes(12, ...Buffer.from('LIST'), 255, 255, 255, 255), expected: noFormat },
    { name: 'fmt and no data', input: wav.subarray(0, 36), expected: noData },
    { name: 'half the header of data', input: wav.subarray(0, 43), expected: noData },
    { name: 'data behind a thousand chunks', input: writeWav(second, { chunksBeforeData: empty }), expected: noData }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.strictSame(readWavHeader(input), { problem: expected }) })
  }
})

t.test('counts frames', async t => {
  const rows = [
    { name: 'plain', input: plain, expected: 16_000 },
    { name: 'a block that is cut off does not count', input: { ...plain, availableDataBytes: 5 }, expected: 2 },
    { name: 'blocks of many', input: { ...plain, blockBytes: 256, blockFrameCount: 505, availableDataBytes: 600 }, expected: 1010 },
    { name: 'blocks of nothing', input: { ...plain, blockBytes: 0 }, expected: undefined },
    { name: 'blocks of unknown content', input: { ...plain, blockFrameCount: undefined }, expected: undefined }
  ]
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.equal(countFrames(input), expected) })
  }
})

t.test('never leaves the file, whatever it says', async () => {
  const header = fc.tuple(fc.nat(60), fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(120))
  fc.assert(fc.property(header, ([offset, values, lengthBytes]) => {
    const reading = readWavHeader(withBytes(offset, ...values).subarray(0, lengthBytes))
    if ('problem' in reading) return reading.problem.length > 0
    const { dataOffset, availableDataBytes } = reading.header
    return availableDataBytes >= 0 && dataOffset + availableDataBytes <= lengthBytes
  }), { numRuns: 5000 })
})
