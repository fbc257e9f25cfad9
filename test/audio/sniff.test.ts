import fc from 'fast-check'
import t from 'tap'
import { sniff, type Sniffed } from '../../src/audio/sniff.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const wav = writeWav(tone(440, 1600))
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const notYet = (container: string): Sniffed => ({ container, refusal: `${container} is not decoded yet: send WAV` })
const damaged: Sniffed = {
  container: 'damaged WAV',
  refusal: 'the body starts like a WAV, but WAVE is not at byte 8: the file is cut off or damaged'
}
const unknown: Sniffed = {
  container: 'unknown',
  refusal: 'no container recognised; if this is raw PCM put a WAV header before it'
}
const text: Sniffed = {
  container: 'text',
  refusal: 'the body is text, perhaps the name of a file: send the bytes of the file'
}
const stripped: Sniffed = {
  container: 'stripped WAV',
  refusal: 'the body looks like a WAV that curl --data has stripped of CR, LF and NUL: use --data-binary'
}

const rows: Array<{ name: string, input: Buffer, expected: Sniffed }> = [
  { name: 'WAV', input: wav, expected: { container: 'wav', demuxer: 'wav' } },
  { name: 'RF64', input: writeWav(tone(440, 16), { isRf64: true }), expected: { container: 'wav', demuxer: 'wav' } },
  { name: 'BW64', input: latin1('BW64\xff\xff\xff\xffWAVEds64\x1c\x00'), expected: { container: 'wav', demuxer: 'wav' } },
  {
    name: 'RIFX',
    input: writeWav(tone(440, 16), { isBigEndian: true }),
    expected: { container: 'RIFX', refusal: 'a WAV with big-endian samples (RIFX) is not decoded: send a RIFF one' }
  },
  { name: 'a WAV without CR, LF and NUL', input: wav.filter(byte => ![0, 10, 13].includes(byte)) as Buffer, expected: stripped },
  { name: 'a WAV as curl 7.88 sends it with --data', input: Buffer.from('5249464664370101ffff01fffffdffffff016b02de01', 'hex'), expected: stripped },
  { name: 'the same with a size of four bytes', input: latin1('RIFF\xff\xff\xff\xffWAVEfmt \x10'), expected: stripped },
  { name: 'a WAV whose WAVE has moved, but with NUL', input: latin1('RIFF\x01WAVEfmt \x10\x00'), expected: damaged },
  {
    name: 'a WAV that went through a UTF-8 string',
    input: Buffer.from(writeWav(tone(440, 0x40_00)).toString('utf8').replace('$', '\ufffd')),
    expected: {
      container: 'WAV sent as text',
      refusal: 'the body looks like a WAV that was read or sent as text (it holds U+FFFD): send its bytes'
    }
  },
  { name: 'RIFF alone', input: latin1('RIFF'), expected: damaged },
  { name: 'RIFF without WAVE', input: latin1('RIFF\x24\x00\x00\x00wave'), expected: damaged },
  { name: 'AVI', input: latin1('RIFF\x24\x00\x00\x00AVI LIST'), expected: { container: 'AVI', refusal: 'AVI is not a sound file' } },
  { name: 'WebP', input: latin1('RIFF\x24\x00\x00\x00WEBPVP8 '), expected: { container: 'WebP', refusal: 'WebP is not a sound file' } },
  {
    name: 'multipart/form-data',
    input: latin1('------boundary\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF'),
    expected: { container: 'multipart/form-data', refusal: 'the body is multipart/form-data: send the bytes of the file alone' }
  },
  { name: 'two dashes and no form', input: latin1('-- hello'), expected: text },
  { name: 'MP3 behind a tag', input: latin1('ID3\x04\x00'), expected: notYet('MP3') },
  { name: 'MPEG 1 layer III', input: hex('fffb9064'), expected: notYet('MP3') },
  { name: 'MPEG 2.5 layer III', input: hex('ffe39064'), expected: notYet('MP3') },
  { name: 'layer III of a reserved version', input: hex('ffeb9064'), expected: unknown },
  { name: 'layer III with bit rate 15', input: hex('fffbf064'), expected: unknown },
  { name: 'layer III with bit rate 0', input: hex('fffb0064'), expected: unknown },
  { name: 'layer III with sample rate 3', input: hex('fffb9c64'), expected: unknown },
  { name: 'the sync of layer III and its end', input: hex('fffb'), expected: unknown },
  { name: 'ADTS', input: hex('fff15080'), expected: notYet('AAC (ADTS)') },
  { name: 'ADTS with sample rate 13', input: hex('fff17480'), expected: unknown },
  { name: 'the sync of ADTS and its end', input: hex('fff1'), expected: unknown },
  { name: 'one 0xff', input: hex('ff'), expected: unknown },
  { name: 'ADIF', input: latin1('ADIF\x00'), expected: notYet('AAC (ADTS)') },
  { name: 'AC-3', input: hex('0b770000'), expected: notYet('AC-3') },
  { name: 'Ogg', input: latin1('OggS\x00\x02'), expected: notYet('Ogg') },
  { name: 'FLAC', input: latin1('fLaC\x00'), expected: notYet('FLAC') },
  { name: 'WebM', input: hex('1a45dfa39f42'), expected: notYet('WebM') },
  { name: 'M4A', input: latin1('\x00\x00\x00\x20ftypM4A '), expected: notYet('MP4 or M4A') },
  { name: 'old QuickTime', input: latin1('\x00\x00\x00\x08wide'), expected: notYet('MP4 or M4A') },
  { name: 'AMR', input: latin1('#!AMR\n'), expected: notYet('AMR') },
  { name: 'CAF', input: latin1('caff\x00\x01'), expected: notYet('CAF') },
  { name: 'AIFF', input: latin1('FORM\x00\x00\x00\x24AIFF'), expected: notYet('AIFF') },
  { name: 'AU', input: latin1('.snd\x00\x00\x00\x18'), expected: notYet('Sun AU') },
  { name: 'WMA', input: hex('3026b2758e66cf11'), expected: notYet('WMA (ASF)') },
  { name: 'WavPack', input: latin1('wvpk\x00\x00'), expected: notYet('WavPack') },
  { name: 'DTS', input: hex('7ffe8001fc'), expected: notYet('DTS') },
  { name: 'W64', input: hex('726966662e91cf11a5d6'), expected: notYet('W64') },
  { name: 'gzip', input: hex('1f8b0800'), expected: { container: 'gzip', refusal: 'the body is gzip: send the file itself' } },
  { name: 'ZIP', input: hex('504b03041400'), expected: { container: 'ZIP', refusal: 'the body is a ZIP: send the file itself' } },
  { name: 'PNG', input: hex('89504e470d0a'), expected: { container: 'PNG', refusal: 'the body is a PNG image' } },
  { name: 'JPEG', input: hex('ffd8ffe000'), expected: { container: 'JPEG', refusal: 'the body is a JPEG image' } },
  { name: 'GIF', input: latin1('GIF89a\x01'), expected: { container: 'GIF', refusal: 'the body is a GIF image' } },
  { name: 'PDF', input: latin1('%PDF-1.7\n%\xe2'), expected: { container: 'PDF', refusal: 'the body is a PDF document' } },
  {
    name: 'a data URL',
    input: latin1(`data:audio/wav;base64,${wav.toString('base64')}`),
    expected: { container: 'data URL', refusal: 'the body is a data: URL: decode it and send the bytes' }
  },
  {
    name: 'JSON',
    input: latin1(' {"audio":"UklGRg=="}'),
    expected: { container: 'JSON', refusal: 'the body is JSON: send the bytes of the file alone' }
  },
  {
    name: 'HTML',
    input: latin1('<!doctype html>\n<title>404'),
    expected: { container: 'HTML or XML', refusal: 'the body is HTML or XML: send the bytes of the file alone' }
  },
  {
    name: 'base64',
    input: latin1(wav.toString('base64')),
    expected: { container: 'base64', refusal: 'the body looks like base64: decode it and send the bytes' }
  },
  { name: 'the name of a file', input: latin1('@sample.wav'), expected: text },
  { name: 'text in UTF-8', input: Buffer.from('안녕하세요\n'), expected: text },
  { name: 'text that is cut inside a character', input: Buffer.from('가'.repeat(342)), expected: text },
  { name: 'text with a NUL', input: latin1('hello\x00'), expected: unknown },
  { name: 'text with a DEL', input: latin1('hello\x7f'), expected: unknown },
  { name: 'samples without a header', input: wav.subarray(44), expected: unknown },
  { name: 'silence without a header', input: Buffer.alloc(3200), expected: unknown },
  { name: 'nothing', input: Buffer.alloc(0), expected: unknown }
]

t.test('names what the bytes are', async t => {
  for (const { name, input, expected } of rows) {
    t.test(name, async t => { t.strictSame(sniff(input), expected) })
  }
})

t.test('names any bytes, of which only a WAV is decoded', async () => {
  const starts = fc.constantFrom(...rows.map(({ input }) => input.subarray(0, 32)))
  fc.assert(fc.property(starts, fc.uint8Array({ maxLength: 64 }), fc.nat(32), (start, rest, cutBytes) => {
    const sniffed = sniff(Buffer.concat([start.subarray(0, cutBytes), rest]))
    return 'demuxer' in sniffed ? sniffed.container === 'wav' : sniffed.refusal.length > 0
  }), { numRuns: 3000 })
})
