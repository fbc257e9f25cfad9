/**
 * Finds sound without a container: frames that follow each other. One sync word proves nothing, for any samples hold
 * them by chance; frames each of which ends where the next begins do.
 */
import type { Frame, FrameFormat } from './frame-headers.ts'

/** What a row of frames adds up to. */
export interface FrameChain {
  /** Where the first frame begins in the file. */
  startOffset: number
  first: Frame
  /** Samples per channel of the frames from the first on that follow each other without a gap, of 30 000 at most. */
  sampleCount: number
}

/** How far behind the tags the first frame may be: what was cut out of a stream begins in mid-frame. */
const SEARCH_BYTES = 65_536
const WANTED_FRAME_COUNT = 3
/**
 * Frames that are counted. 3 MiB can hold 800 000 tiny ones, and the event loop waits while they are counted; of the
 * shortest frames that hold sound (256 samples at 48 kHz) this many are more than 2 minutes.
 */
const MAX_FRAME_COUNT = 30_000

/**
 * Whether there is sound: a frame that two more follow, or that leads to the end of the file without a gap.
 *
 * @param from where to begin, behind any tags
 */
export function hasFrames (bytes: Buffer, from: number, format: FrameFormat): boolean {
  return findFirst(bytes, from, format) !== undefined
}

/**
 * Looks for the first frame that two more follow, or that leads to the end of the file without a gap.
 *
 * @param from where to begin, behind any tags
 */
export function findFrames (bytes: Buffer, from: number, format: FrameFormat): FrameChain | undefined {
  const found = findFirst(bytes, from, format)
  if (found === undefined) return undefined
  const { startOffset, first } = found
  return { startOffset, first, sampleCount: walk(bytes, startOffset, first, format.read, MAX_FRAME_COUNT).sampleCount }
}

function findFirst (bytes: Buffer, from: number, { syncByte, read }: FrameFormat) {
  const end = Math.min(from + SEARCH_BYTES, bytes.length)
  // Not `indexOf`: a call for each of 65 536 sync bytes takes a hundred times as long as looking at them.
  for (let offset = from; offset < end; offset++) {
    const first = bytes[offset] === syncByte ? read(bytes, offset) : undefined
    if (first === undefined) continue
    const { frameCount, endOffset } = walk(bytes, offset, first, read, WANTED_FRAME_COUNT)
    if (frameCount >= WANTED_FRAME_COUNT || endOffset === bytes.length) return { startOffset: offset, first }
  }
  return undefined
}

/** A last frame that is cut off does not count. */
function walk (
  bytes: Buffer, startOffset: number, first: Frame, read: FrameFormat['read'], maxFrameCount: number
) {
  let offset = startOffset
  let frameCount = 0
  let sampleCount = 0
  let frame: Frame | undefined = first
  while (frame !== undefined && frameCount < maxFrameCount) {
    const isSameStream = frame.encoding === first.encoding && frame.sampleRateHertz === first.sampleRateHertz
    if (!isSameStream || offset + frame.lengthBytes > bytes.length) break
    offset += frame.lengthBytes
    frameCount += 1
    sampleCount += frame.sampleCount
    frame = read(bytes, offset)
  }
  return { frameCount, sampleCount, endOffset: offset }
}
