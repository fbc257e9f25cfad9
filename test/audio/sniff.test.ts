import fc from 'fast-check'
import t from 'tap'
import { sniff, type ListedContainer, type Sniffed } from '../../src/audio/sniff.ts'
import { AAC, AC3, EAC3, framesOf, id3Tag, MP3, MP3_8K } from '../helpers/frames.ts'
import { tone, writeWav } from '../helpers/wav.ts'

const wav = writeWav(tone(440, 1600))
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const refused = (refusal: string, startOffset = 0): Sniffed => ({ startOffset, refusal })
const LISTED = 'MP3, AAC (ADTS), AC3, OGG, FLAC or WAV'
const notListed = (name: string): Sniffed => refused(`the body is ${name}, which CSR does not list: send ${LISTED}`)
const foreign = (name: string, advice = `send ${LISTED}`): Sniffed => refused(`the body is ${name}: ${advice}`)
const found = (container: ListedContainer, startOffset = 0): Sniffed => ({ container, startOffset })
const recode = (name: string, unlisted: 'mp4' | 'webm', example: string, made: string): Sniffed => ({
  startOffset: 0,
  unlisted,
  refusal: `the body is ${name}, which CSR does not list: send ${LISTED}; ` +
    `"ffmpeg -i in.${example}" makes ${made} of it without a loss (CSR_ACCEPT_M4A_WEBM=true accepts it here)`
})
const mp4 = recode('MP4 or M4A', 'mp4', 'm4a -c:a copy out.aac', 'ADTS')
const webm = recode('WebM, as browsers record it', 'webm', 'webm -c:a copy out.ogg', 'Ogg')
const damaged = refused('the body starts like a WAV, but WAVE is not at byte 8: the file is cut off or damaged')
const unknown = refused('no container recognised; if this is raw PCM put a WAV header before it')
const text = foreign('text, perhaps the name of a file', 'send the bytes of the file')
const stripped = refused('the body looks like a WAV that curl --data has stripped of CR, LF and NUL: use --data-binary')
const lonely = refused('the body begins like MP3, AAC or AC3, but no frame is followed by another: the file is cut off or damaged')

const rows: Array<{ name: string, input: Buffer, expected: Sniffed }> = [
  { name: 'WAV', input: wav, expected: found('wav') },
  { name: 'RF64', input: writeWav(tone(440, 16), { isRf64: true }), expected: found('wav') },
  { name: 'BW64', input: latin1('BW64\xff\xff\xff\xffWAVEds64\x1c\x00'), expected: found('wav') },
  {
    name: 'RIFX',
    input: writeWav(tone(440, 16), { isBigEndian: true }),
    expected: refused('a WAV with big-endian samples (RIFX) is not decoded: send a RIFF one')
  },
  { name: 'a WAV without CR, LF and NUL', input: wav.filter(byte => ![0, 10, 13].includes(byte)) as Buffer, expected: stripped },
  { name: 'a WAV as curl 7.88 sends it with --data', input: Buffer.from('5249464664370101ffff01fffffdffffff016b02de01', 'hex'), expected: stripped },
  { name: 'the same with a size of four bytes', input: latin1('RIFF\xff\xff\xff\xffWAVEfmt \x10'), expected: stripped },
  { name: 'a WAV whose WAVE has moved, but with NUL', input: latin1('RIFF\x01WAVEfmt \x10\x00'), expected: damaged },
  {
    name: 'a WAV that went through a UTF-8 string',
    input: Buffer.from(writeWav(tone(440, 0x40_00)).toString('utf8').replace('$', '\ufffd')),
    expected: refused('the body looks like a WAV that was read or sent as text (it holds U+FFFD): send its bytes')
  },
  { name: 'RIFF alone', input: latin1('RIFF'), expected: damaged },
  { name: 'RIFF without WAVE', input: latin1('RIFF\x24\x00\x00\x00wave'), expected: damaged },
  { name: 'AVI', input: latin1('RIFF\x24\x00\x00\x00AVI LIST'), expected: foreign('AVI') },
  { name: 'WebP', input: latin1('RIFF\x24\x00\x00\x00WEBPVP8 '), expected: foreign('a WebP image') },
  {
    name: 'multipart/form-data',
    input: latin1('------boundary\r\nContent-Disposition: form-data; name="file"\r\n\r\nRIFF'),
    expected: foreign('multipart/form-data', 'send the bytes of the file alone')
  },
  { name: 'two dashes and no form', input: latin1('-- hello'), expected: text },
  { name: 'MPEG 1 layer III', input: framesOf(MP3, 3), expected: found('mp3') },
  { name: 'MPEG 2.5 layer III', input: framesOf(MP3_8K, 3), expected: found('mp3') },
  { name: 'MP3 behind a tag', input: Buffer.concat([id3Tag(100), framesOf(MP3, 3)]), expected: found('mp3', 110) },
  { name: 'MP3 behind two tags', input: Buffer.concat([id3Tag(0), id3Tag(300), framesOf(MP3, 3)]), expected: found('mp3', 320) },
  { name: 'MP3 cut out of a stream', input: Buffer.concat([Buffer.alloc(200, 0xff), framesOf(MP3, 4)]), expected: found('mp3') },
  { name: 'MP3 whose last frame is cut off', input: framesOf(MP3, 4).subarray(0, -1), expected: found('mp3') },
  { name: 'two frames and nothing else', input: framesOf(MP3, 2), expected: found('mp3') },
  { name: 'one frame and nothing else', input: framesOf(AAC, 1), expected: found('adts') },
  { name: 'two frames and then something else', input: Buffer.concat([framesOf(MP3, 2), hex('00')]), expected: lonely },
  { name: 'frames of two sample rates', input: Buffer.concat([framesOf(MP3, 2), framesOf(MP3_8K, 2), hex('00')]), expected: lonely },
  { name: 'a frame that is cut off', input: framesOf(AC3, 1).subarray(0, -1), expected: lonely },
  { name: 'a tag alone', input: id3Tag(100), expected: refused('the body is an ID3 tag with no MP3 or AAC behind it: the file is cut off or damaged', 110) },
  { name: 'a tag that is cut off', input: id3Tag(100).subarray(0, 50), expected: refused('the body is an ID3 tag with no MP3 or AAC behind it: the file is cut off or damaged', 50) },
  { name: 'layer III of a reserved version', input: hex('ffeb9064'), expected: unknown },
  { name: 'layer III with bit rate 15', input: hex('fffbf064'), expected: unknown },
  { name: 'layer III with bit rate 0', input: hex('fffb0064'), expected: unknown },
  { name: 'layer III with sample rate 3', input: hex('fffb9c64'), expected: unknown },
  { name: 'the sync of layer III and its end', input: hex('fffb'), expected: unknown },
  { name: 'ADTS', input: framesOf(AAC, 3), expected: found('adts') },
  { name: 'ADTS behind a tag', input: Buffer.concat([id3Tag(0), framesOf(AAC, 3)]), expected: found('adts', 10) },
  { name: 'ADTS with sample rate 13', input: hex('fff174800040fc00'), expected: unknown },
  { name: 'the sync of ADTS and its end', input: hex('fff1'), expected: unknown },
  { name: 'one 0xff', input: hex('ff'), expected: unknown },
  { name: 'ADIF', input: latin1('ADIF\x00'), expected: notListed('AAC in ADIF') },
  { name: 'AC-3', input: framesOf(AC3, 3), expected: found('ac3') },
  { name: 'E-AC-3', input: framesOf(EAC3, 3), expected: found('ac3') },
  { name: 'Ogg', input: latin1('OggS\x00\x02'), expected: found('ogg') },
  { name: 'FLAC', input: latin1('fLaC\x00'), expected: found('flac') },
  { name: 'FLAC behind a tag', input: Buffer.concat([id3Tag(7), latin1('fLaC\x00')]), expected: found('flac', 17) },
  { name: 'WebM', input: hex('1a45dfa39f42'), expected: webm },
  { name: 'M4A', input: latin1('\x00\x00\x00\x20ftypM4A '), expected: mp4 },
  { name: 'old QuickTime', input: latin1('\x00\x00\x00\x08wide'), expected: mp4 },
  { name: 'a text that has the name of a box', input: latin1('get free'), expected: text },
  { name: 'AMR', input: latin1('#!AMR\n'), expected: notListed('AMR') },
  { name: 'CAF', input: latin1('caff\x00\x01'), expected: notListed('CAF') },
  { name: 'AIFF', input: latin1('FORM\x00\x00\x00\x24AIFF'), expected: notListed('AIFF') },
  { name: 'AU', input: latin1('.snd\x00\x00\x00\x18'), expected: notListed('Sun AU') },
  { name: 'WMA', input: hex('3026b2758e66cf11'), expected: notListed('WMA (ASF)') },
  { name: 'WavPack', input: latin1('wvpk\x00\x00'), expected: notListed('WavPack') },
  { name: 'DTS', input: hex('7ffe8001fc'), expected: notListed('DTS') },
  { name: 'W64', input: hex('726966662e91cf11a5d6'), expected: notListed('W64') },
  { name: 'gzip', input: hex('1f8b0800'), expected: foreign('gzip', 'send the file itself') },
  { name: 'ZIP', input: hex('504b03041400'), expected: foreign('a ZIP', 'send the file itself') },
  { name: 'PNG', input: hex('89504e470d0a'), expected: foreign('a PNG image') },
  { name: 'JPEG', input: hex('ffd8ffe000'), expected: foreign('a JPEG image') },
  { name: 'GIF', input: latin1('GIF89a\x01'), expected: foreign('a GIF image') },
  { name: 'PDF', input: latin1('%PDF-1.7\n%\xe2'), expected: foreign('a PDF document') },
  {
    name: 'a data URL',
    input: latin1(`data:audio/wav;base64,${wav.toString('base64')}`),
    expected: foreign('a data: URL', 'decode it and send the bytes')
  },
  {
    name: 'JSON',
    input: latin1(' {"audio":"UklGRg=="}'),
    expected: foreign('JSON', 'send the bytes of the file alone')
  },
  {
    name: 'HTML',
    input: latin1('<!doctype html>\n<title>404'),
    expected: foreign('HTML or XML', 'send the bytes of the file alone')
  },
  {
    name: 'base64',
    input: latin1(wav.toString('base64')),
    expected: refused('the body looks like base64: decode it and send the bytes')
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

t.test('names any bytes', async () => {
  const starts = fc.constantFrom(...rows.map(({ input }) => input.subarray(0, 32)))
  fc.assert(fc.property(starts, fc.uint8Array({ maxLength: 64 }), fc.nat(32), (start, rest, cutBytes) => {
    const sniffed = sniff(Buffer.concat([start.subarray(0, cutBytes), rest]))
    return 'container' in sniffed ? sniffed.startOffset <= cutBytes + rest.length : sniffed.refusal.length > 0
  }), { numRuns: 3000 })
})

t.test('takes no noise for sound', async () => {
  // 64 KiB are searched for frames. A sync word alone turns up hundreds of times in there.
  const noise = fc.uint8Array({ minLength: 70_000, maxLength: 70_000 })
  fc.assert(fc.property(noise, (bytes) => {
    // What stands at the very beginning may look like any magic; this is about the frames behind it.
    bytes.fill(0x80, 0, 16)
    return 'refusal' in sniff(Buffer.from(bytes))
  }), { numRuns: 50 })
})
