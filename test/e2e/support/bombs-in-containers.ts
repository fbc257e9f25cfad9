/** Bombs in Ogg, MP4 and WebM. */
import type { Encoder } from '../../../src/kit/encoder.ts'
import { writeSilentFlac } from '../../helpers/flac.ts'
import { oggPage, repeatSound } from '../../helpers/ogg.ts'
import { tone, writeWav } from '../../helpers/wav.ts'
import { NOT_DECODED, TOO_LONG } from './answers.ts'
import type { Bomb } from './bombs.ts'
import { MAX_BODY_BYTES } from './sounds.ts'

const silence = writeWav(new Int16Array(64_000))
const second = writeWav(tone(440, 16_000))

/** Hours of an Ogg file that lasts 4 s. */
async function longOgg (encoder: Encoder, maxBytes: number, ...parameters: string[]): Promise<Buffer> {
  const file = await encoder.encode({ input: silence, muxer: 'ogg', parameters: [...parameters, '-page_duration', '500000'] })
  return repeatSound(file, maxBytes)
}

const OPUS = ['-c:a', 'libopus', '-b:a', '6k', '-frame_duration', '60']
const VORBIS = ['-c:a', 'libvorbis', '-q:a', '0']

/** Ten hours of FLAC, 250 frames on a page. */
function longOggFlac (): Buffer {
  const flac = writeSilentFlac(10 * 3600 * 16_000, { blockSamples: 65_535 })
  const head = Buffer.concat([Buffer.from('7f464c414301000001', 'hex'), flac.subarray(0, 42)])
  // Another block follows, on a page of its own.
  head[13] = 0
  const frames: Buffer[] = []
  for (let start = 42, end; start < flac.length; start = end) {
    const next = flac.indexOf(Buffer.from('fff8', 'hex'), start + 2)
    end = next < 0 ? flac.length : next
    frames.push(flac.subarray(start, end))
  }
  const comment = Buffer.concat([Buffer.from('84000008', 'hex'), Buffer.alloc(8)])
  const pages = [oggPage({ packets: [head], isFirst: true }), oggPage({ packets: [comment], sequence: 1 })]
  for (let start = 0; start < frames.length; start += 250) {
    const packets = frames.slice(start, start + 250)
    pages.push(oggPage({ packets, sequence: pages.length, granule: BigInt((start + packets.length) * 65_535) }))
  }
  return Buffer.concat(pages)
}

async function encoded (encoder: Encoder, muxer: string, ...parameters: string[]): Promise<Buffer> {
  return encoder.encode({ input: second, muxer, parameters })
}

/** The same four seconds again and again, at the same time: by its timestamps the file never gets longer. */
async function timelessWebm (encoder: Encoder): Promise<Buffer> {
  const file = await encoder.encode({ input: silence, muxer: 'webm', parameters: [...OPUS, '-live', '1'] })
  const firstCluster = file.indexOf(Buffer.from('1f43b675', 'hex'))
  const head = file.subarray(0, firstCluster)
  return Buffer.concat([head, Buffer.alloc(MAX_BODY_BYTES - head.length, file.subarray(firstCluster))])
}

/** Writes a number into a full box, `offset` bytes behind its name. */
async function m4aWith (encoder: Encoder, box: string, offset: number, digits: string): Promise<Buffer> {
  const file = await encoded(encoder, 'ipod', '-c:a', 'aac', '-movflags', '+faststart')
  Buffer.from(digits, 'hex').copy(file, file.indexOf(box, 0, 'latin1') + 4 + offset)
  return file
}

/** Tables of 24 bytes for each sample, in every track: 190 MB each, which is less than FFmpeg's limit for one. */
async function manySamples (encoder: Encoder, trackCount: number): Promise<Buffer> {
  const file = await encoded(encoder, 'ipod', '-c:a', 'aac', '-movflags', '+faststart')
  const endOf = (name: string): number => file.indexOf(name, 0, 'latin1') + 4
  file.writeUInt32BE(1, endOf('stsz') + 4)
  file.writeUInt32BE(8_000_000, endOf('stsz') + 8)
  file.writeUInt32BE(1, endOf('stsc') + 4)
  file.writeUInt32BE(8_000_000, endOf('stsc') + 12)
  file.writeUInt32BE(8_000_000, endOf('stts') + 8)
  const [movie, start] = [endOf('moov') - 8, endOf('trak') - 8]
  const track = file.subarray(start, start + file.readUInt32BE(start))
  file.writeUInt32BE(file.readUInt32BE(movie) + (trackCount - 1) * track.length, movie)
  const more = Array.from({ length: trackCount - 1 }, () => track)
  return Buffer.concat([file.subarray(0, start), track, ...more, file.subarray(start + track.length)])
}

/** The same packets in another container. */
async function repacked (encoder: Encoder, input: Buffer, demuxer: string, muxer: string): Promise<Buffer> {
  return encoder.encode({ input, inputParameters: ['-f', demuxer], muxer, parameters: ['-c', 'copy'] })
}

/** Elements each of which holds the next. */
function deepEbml (): Buffer {
  const head = Buffer.from('1a45dfa3a3428681014 2f7810142f2810442f381084282847765626d42878104428581 02'.replaceAll(' ', ''), 'hex')
  // Segment and Tags and Tag of unknown size, then SimpleTag in SimpleTag.
  const open = Buffer.from('1853806701ffffffffffffff1254c36701ffffffffffffff737301ffffffffffffff', 'hex')
  return Buffer.concat([head, open, Buffer.alloc(MAX_BODY_BYTES - head.length - open.length, Buffer.from('67c801ffffffffffffff', 'hex'))])
}

function box (type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length, 0)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

const FTYP = box('ftyp', Buffer.from('M4A \0\0\0\0', 'latin1'))

function deepBoxes (): Buffer {
  let boxes: Buffer = Buffer.alloc(0)
  // The sizes of the outer ones are true, which is what lets a reader go in.
  for (let depth = 0; depth < 2000; depth++) boxes = box(depth % 2 === 0 ? 'trak' : 'moov', boxes)
  return Buffer.concat([FTYP, boxes])
}

export const CONTAINER_BOMBS: readonly Bomb[] = [
  { name: 'Ogg FLAC, 10 h', expected: TOO_LONG, make: longOggFlac },
  { name: 'Ogg Opus, hours of silence', expected: TOO_LONG, make: (encoder) => longOgg(encoder, MAX_BODY_BYTES, ...OPUS) },
  { name: 'Ogg Vorbis, hours of silence', expected: TOO_LONG, make: (encoder) => longOgg(encoder, MAX_BODY_BYTES, ...VORBIS) },
  {
    name: 'Ogg of 15 000 streams',
    expected: NOT_DECODED,
    make: () => Buffer.concat(Array.from({ length: 15_000 }, (_, serial) =>
      oggPage({ packets: [Buffer.from('OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0\0', 'latin1')], isFirst: true, serial })))
  },
  {
    name: 'WebM, hours of silence',
    expected: TOO_LONG,
    make: async (encoder) => repacked(encoder, await longOgg(encoder, 1_500_000, ...OPUS), 'ogg', 'webm')
  },
  { name: 'WebM, seconds that repeat themselves', expected: TOO_LONG, make: timelessWebm },
  {
    name: 'M4A, hours of silence',
    expected: TOO_LONG,
    make: async (encoder) => {
      const aac = await encoder.encode({ input: silence, muxer: 'adts', parameters: ['-c:a', 'aac', '-b:a', '8k'] })
      return repacked(encoder, Buffer.alloc(1_500_000, aac), 'aac', 'ipod')
    }
  },
  { name: 'MP4, a table of 268 million sizes', expected: NOT_DECODED, make: (encoder) => m4aWith(encoder, 'stsz', 8, '0fffffff') },
  { name: 'MP4, 268 million samples of one size', expected: NOT_DECODED, make: (encoder) => m4aWith(encoder, 'stsz', 4, '000000010fffffff') },
  { name: 'MP4, 268 million durations', expected: NOT_DECODED, make: (encoder) => m4aWith(encoder, 'stts', 4, '0fffffff') },
  { name: 'MP4, one duration for 268 million samples', expected: 'text', make: (encoder) => m4aWith(encoder, 'stts', 8, '0fffffff') },
  { name: 'MP4, 268 million chunks', expected: NOT_DECODED, make: (encoder) => m4aWith(encoder, 'stco', 4, '0fffffff') },
  { name: 'MP4, 8 million samples of one size in a chunk', expected: NOT_DECODED, make: (encoder) => manySamples(encoder, 1) },
  { name: 'MP4, the same in 15 tracks', expected: NOT_DECODED, make: (encoder) => manySamples(encoder, 15) },
  { name: 'MP4, a silent edit of 18 hours', expected: NOT_DECODED, make: (encoder) => m4aWith(encoder, 'elst', 8, '03ffffffffffffff') },
  { name: 'MP4, boxes 2000 deep', expected: NOT_DECODED, make: deepBoxes },
  { name: 'MP4, 390 000 empty boxes', expected: NOT_DECODED, make: () => Buffer.concat([FTYP, Buffer.alloc(3_000_000, box('free', Buffer.alloc(0)))]) },
  { name: 'MP4, 390 000 tracks', expected: NOT_DECODED, make: () => Buffer.concat([FTYP, box('moov', Buffer.alloc(3_000_000, box('trak', Buffer.alloc(0))))]) },
  { name: 'WebM, elements 300 000 deep', expected: NOT_DECODED, make: deepEbml }
]
