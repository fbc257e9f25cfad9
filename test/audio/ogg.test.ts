import fc from 'fast-check'
import t from 'tap'
import { readOgg, type OggStream } from '../../src/audio/ogg.ts'

/** One page with one packet; checksum and numbers are not looked at. */
function page (packet: Buffer, isFirst = true): Buffer {
  const header = Buffer.alloc(28)
  header.write('OggS', 'latin1')
  header[5] = isFirst ? 2 : 0
  header[26] = 1
  header[27] = packet.length
  return Buffer.concat([header, packet])
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const packets = {
  opus: Buffer.concat([Buffer.from('OpusHead\x01\x02', 'latin1'), hex('3801803e0000000000')]),
  vorbis: Buffer.concat([Buffer.from('\x01vorbis', 'latin1'), hex('000000000244ac0000000000000000000000000000b801')]),
  flac: Buffer.concat([Buffer.from('\x7fFLAC\x01\x00\x00\x01fLaC', 'latin1'), hex('00000022100010000000000000000ac442f0000000000000000000000000000000000000000000000000')]),
  speex: Buffer.concat([Buffer.from('Speex   1.2', 'latin1'), Buffer.alloc(25), hex('803e0000'), Buffer.alloc(8), hex('01000000'), Buffer.alloc(28)]),
  theora: Buffer.from('\x80theora\x03\x02\x01', 'latin1')
}

t.test('names the codec of the first stream of sound', async (t) => {
  const rows: { name: string, input: Buffer[], expected: OggStream | undefined }[] = [
    { name: 'Opus', input: [page(packets.opus)], expected: { encoding: 'opus', channelCount: 2, sampleRateHertz: 48_000 } },
    { name: 'Vorbis', input: [page(packets.vorbis)], expected: { encoding: 'vorbis', channelCount: 2, sampleRateHertz: 44_100 } },
    { name: 'FLAC', input: [page(packets.flac)], expected: { encoding: 'flac', channelCount: 2, sampleRateHertz: 44_100 } },
    { name: 'Speex', input: [page(packets.speex)], expected: { encoding: 'speex', channelCount: 1, sampleRateHertz: 16_000 } },
    { name: 'Theora and Vorbis', input: [page(packets.theora), page(packets.vorbis)], expected: { encoding: 'vorbis', channelCount: 2, sampleRateHertz: 44_100 } },
    { name: 'Theora alone', input: [page(packets.theora)], expected: undefined },
    { name: 'a stream that has no first page', input: [page(packets.opus, false)], expected: undefined },
    { name: 'a packet that is cut off', input: [page(packets.vorbis).subarray(0, 36)], expected: undefined }
  ]
  for (const { name, input, expected } of rows) t.strictSame(readOgg(Buffer.concat(input)).stream, expected, name)
})

t.test('counts streams, not pages', async (t) => {
  const pages = [page(packets.opus), page(Buffer.alloc(9), false), page(packets.opus), page(Buffer.alloc(9), false)]
  t.equal(readOgg(Buffer.concat(pages)).streamCount, 2)
  t.equal(readOgg(Buffer.concat(Array.from({ length: 15_000 }, () => page(packets.theora)))).streamCount, 15_000)
  // Counting them all would block the event loop for a tenth of a second or, as it once did, for four.
  t.equal(readOgg(Buffer.alloc(3_145_728, 'OggS')).streamCount, Infinity, 'more than anybody counts')
})

t.test('reads any bytes without an error', async () => {
  const pages = fc.constantFrom(...Object.values(packets).map((packet) => page(packet)))
  fc.assert(fc.property(pages, fc.nat(60), fc.nat(255), fc.nat(120), (bytes, offset, value, lengthBytes) => {
    const copy = Buffer.from(bytes)
    copy[offset % copy.length] = value
    return readOgg(copy.subarray(0, lengthBytes)).streamCount <= 1
  }), { numRuns: 2000 })
})
