/** Makes single files of the kit, and measures what is in them. */
import type { Encoder } from './encoder.ts'
import type { Encoding, KitFormat } from './formats.ts'
import type { EdgeRecipe, OtherRecipe } from './recipes.ts'
import type { Sound, Sounds } from './sounds.ts'

/** What the files are made with. */
export interface Workshop {
  encoder: Encoder
  sounds: Sounds
}

/** A finished file; the lengths as in the manifest. */
export interface MadeFile {
  bytes: Buffer
  recordedMs: number | null
  decodedMs: number | null
}

/** A container needs a few bytes for its padding: each round comes nearer, and the third or fourth fits. */
const MAX_PADDING_ROUNDS = 8

/** @throws Error when the encoder fails, or when the format cannot be padded to the size */
export async function makeEdge (workshop: Workshop, format: KitFormat, recipe: EdgeRecipe): Promise<MadeFile> {
  const { change = (file) => file, isBroken = false, sizeBytes } = recipe
  const sound = recipe.sound(workshop.sounds, format)
  const file = sizeBytes === undefined
    ? await encode(workshop, sound, format.encoding)
    : await makePadded(workshop, sound, format, sizeBytes)
  const bytes = change(file, format)
  return {
    bytes,
    recordedMs: sound.durationMs,
    decodedMs: isBroken ? null : await measureMs(workshop, bytes, format)
  }
}

/** @throws Error when the encoder fails */
export async function makeOther (workshop: Workshop, { encoding, change }: OtherRecipe): Promise<MadeFile> {
  if (encoding === undefined) return { bytes: Buffer.alloc(0), recordedMs: null, decodedMs: null }
  const sound = workshop.sounds.speech()
  const file = await encode(workshop, sound, encoding)
  return { bytes: change === undefined ? file : change(file), recordedMs: sound.durationMs, decodedMs: null }
}

function encode ({ encoder }: Workshop, { wav }: Sound, encoding: Encoding): Promise<Buffer> {
  return encoder.encode({ ...encoding, input: wav })
}

async function makePadded (
  workshop: Workshop, sound: Sound, { name, encoding, padding }: KitFormat, sizeBytes: number
): Promise<Buffer> {
  const { encodingWith = () => encoding, insert = (file) => file } = padding
  let paddingBytes = 0
  for (let round = 0; round < MAX_PADDING_ROUNDS; round++) {
    const file = insert(await encode(workshop, sound, encodingWith(paddingBytes)), paddingBytes)
    if (file.length === sizeBytes) return file
    paddingBytes += sizeBytes - file.length
  }
  throw new Error(`no ${name} file of ${sizeBytes} bytes can be made: its padding grows in steps`)
}

/** At the file's own rate, so that no resampler rounds. */
async function measureMs ({ encoder }: Workshop, file: Buffer, format: KitFormat): Promise<number> {
  const pcm = await encoder.encode({
    input: file, inputParameters: ['-f', format.demuxer], parameters: ['-ac', '1'], muxer: 's16le'
  })
  return Math.round(pcm.length / 2 * 1_000_000 / format.decodedRateHertz) / 1000
}
