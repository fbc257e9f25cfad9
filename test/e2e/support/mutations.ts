/** Damaged WAV files: the same ones for the same seed. */
import { onEveryChannel, tone, writeWav, type WavEncoding } from '../../helpers/wav.ts'
import { createRandom } from './sounds.ts'

/** A second, which every answer but "too long" is possible for. */
const SECONDS = 1

function validWavs (): Buffer[] {
  const rates: readonly [encoding: WavEncoding, sampleRateHertz: number, channelCount: number][] = [
    ['s16', 16_000, 1], ['s16', 44_100, 2], ['u8', 8000, 1], ['s24', 48_000, 1], ['f32', 22_050, 1], ['alaw', 8000, 1],
    ['mulaw', 8000, 2], ['ima', 8000, 1], ['ms', 22_050, 2]
  ]
  const wavs = rates.map(([encoding, sampleRateHertz, channelCount]) => writeWav(
    onEveryChannel(tone(440, SECONDS * sampleRateHertz, sampleRateHertz), channelCount),
    { encoding, sampleRateHertz, channelCount }
  ))
  const plain = tone(440, SECONDS * 16_000)
  const forms = [{ validBits: 16 }, { isRf64: true }, { isBigEndian: true }]
  return [...wavs, ...forms.map((form) => writeWav(plain, form))]
}

/** What header fields are set to: edges of every width, and numbers that once meant trouble. */
const STRANGE_NUMBERS = [
  0, 1, 2, 3, 7, 8, 15, 16, 17, 24, 32, 64, 255, 256, 44_100,
  0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff
]

const HEADER_BYTES = 60

type Random = () => number
type Mutation = (wav: Buffer, random: Random) => Buffer

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[below(random, items.length)]!

const MUTATIONS: readonly Mutation[] = [
  function setHeaderByte (wav, random) {
    wav[below(random, HEADER_BYTES)] = below(random, 256)
    return wav
  },
  function setHeaderWord (wav, random) {
    wav.writeUInt16LE(pick(random, STRANGE_NUMBERS) & 0xffff, below(random, HEADER_BYTES))
    return wav
  },
  function setHeaderNumber (wav, random) {
    wav.writeUInt32LE(pick(random, STRANGE_NUMBERS), below(random, HEADER_BYTES))
    return wav
  },
  function flipAnyBit (wav, random) {
    const offset = below(random, wav.length)
    wav[offset] = wav[offset]! ^ (1 << below(random, 8))
    return wav
  },
  function cutOff (wav, random) {
    return wav.subarray(0, below(random, random() < 0.5 ? 100 : wav.length))
  },
  function takeOut (wav, random) {
    const offset = below(random, HEADER_BYTES)
    return Buffer.concat([wav.subarray(0, offset), wav.subarray(offset + 1 + below(random, 16))])
  },
  function putIn (wav, random) {
    const offset = below(random, HEADER_BYTES)
    const inserted = Buffer.from(Array.from({ length: 1 + below(random, 16) }, () => below(random, 256)))
    return Buffer.concat([wav.subarray(0, offset), inserted, wav.subarray(offset)])
  },
  function stripControlBytes (wav) {
    // What curl does to a file after --data instead of --data-binary.
    return Buffer.from(wav.filter((byte) => byte !== 0 && byte !== 10 && byte !== 13))
  }
]

/** @returns `count` files, each one of a dozen valid ones with one to three mutations */
export function mutatedWavs (count: number, seed: number): Buffer[] {
  const random = createRandom(seed)
  const wavs = validWavs()
  return Array.from({ length: count }, () => {
    let wav: Buffer = Buffer.from(pick(random, wavs))
    for (let left = 1 + below(random, 3); left > 0 && wav.length > HEADER_BYTES + 4; left--) {
      wav = pick(random, MUTATIONS)(wav, random)
    }
    return wav
  })
}
