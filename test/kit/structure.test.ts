import t from 'tap'
import {
  cutOff, oggHeaderBytes, stripLikeCurl, truncate, withFlacPadding, withId3Tag, withJunkChunk, withWrongMagic
} from '../../src/kit/structure.ts'
import { writeWav } from '../helpers/wav.ts'

const wav = writeWav(Int16Array.of(1, 2, 3))
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

t.test('puts a chunk that is skipped in front of the sound of a WAV', async (t) => {
  const even = withJunkChunk(wav, 100)
  t.equal(even.length, wav.length + 100)
  t.equal(even.readUInt32LE(4), even.length - 8, 'the size of the file')
  t.equal(even.toString('latin1', 8, 16), 'WAVEJUNK')
  t.equal(even.readUInt32LE(16), 92, 'the size of the chunk')
  t.strictSame(even.subarray(12 + 100), wav.subarray(12), 'the rest is as it was')
  const odd = withJunkChunk(wav, 101)
  t.equal(odd.length, wav.length + 101)
  t.equal(odd.readUInt32LE(4), odd.length - 1 - 8, 'the odd byte is behind the end')
  t.equal(withJunkChunk(wav, 0).length, wav.length + 8, 'no less than an empty chunk')
})

t.test('puts a block of padding behind the first of a FLAC', async (t) => {
  const flac = Buffer.concat([latin1('fLaC\0\0\0\x22'), Buffer.alloc(34, 7), latin1('frames')])
  const padded = withFlacPadding(flac, 70_000)
  t.equal(padded.length, flac.length + 70_000)
  t.strictSame(padded.subarray(0, 42), flac.subarray(0, 42))
  t.strictSame(padded.subarray(42, 46), Buffer.of(1, 0x01, 0x11, 0x6c), '69996 bytes, and not the last block')
  t.equal(padded.toString('latin1', 70_042), 'frames')
  t.equal(withFlacPadding(flac, 0).length, flac.length + 4, 'no less than an empty block')
})

t.test('puts a tag with a title and padding in front of an MP3', async (t) => {
  const tagged = withId3Tag(latin1('frames'), 300)
  t.equal(tagged.length, 306)
  t.strictSame(tagged.subarray(0, 10), latin1('ID3\x04\0\0\0\0\x02\x22'), 'seven bits in a byte: 290')
  t.equal(tagged.toString('latin1', 10, 24), 'TIT2\0\0\0\x04\0\0\0CSR')
  t.equal(tagged.toString('latin1', 300), 'frames')
  t.equal(withId3Tag(latin1('frames'), 0).length, 6 + 24, 'no less than a title')
})

t.test('cuts bytes off', async (t) => {
  t.equal(cutOff(latin1('frames'), -2).toString(), 'fram')
  t.equal(cutOff(latin1('frames'), 0).toString(), 'frames')
  t.equal(truncate(latin1('frames!')).toString(), 'fra')
})

t.test('finds the end of the headers of an Ogg', async (t) => {
  const page = (granule: bigint, content: string): Buffer => {
    const header = Buffer.alloc(27)
    header.write('OggS', 0, 'latin1')
    header.writeBigUInt64LE(granule, 6)
    return Buffer.concat([header, latin1(content)])
  }
  const headers = Buffer.concat([page(0n, 'head'), page(0n, 'comment')])
  t.equal(oggHeaderBytes(Buffer.concat([headers, page(960n, 'sound'), page(1920n, 'sound')])), headers.length)
  t.equal(oggHeaderBytes(headers), headers.length, 'when there is no sound')
})

t.test('makes another file of it', async (t) => {
  t.strictSame(withWrongMagic(wav).subarray(0, 8), Buffer.from('89504e470d0a1a0a', 'hex'))
  t.strictSame(withWrongMagic(wav).subarray(8), wav.subarray(8))
})

t.test('strips a file as curl --data does', async (t) => {
  const long = 'x'.repeat(300)
  const rows = [
    { name: 'no such bytes', input: 'sound', expected: 'sound' },
    { name: 'line feeds', input: 'one\ntwo\n\nthree', expected: 'onetwothree' },
    { name: 'a NUL ends the line', input: 'one\0gone\ntwo', expected: 'onetwo' },
    { name: 'so does a carriage return', input: 'one\r\ntwo\rgone', expected: 'onetwo' },
    { name: 'a long line is read in pieces', input: `a\0${long}`, expected: `a${'x'.repeat(47)}` },
    { name: 'nothing but NUL', input: '\0\0\0', expected: '' }
  ]
  for (const { name, input, expected } of rows) t.equal(stripLikeCurl(latin1(input)).toString('latin1'), expected, name)
})
