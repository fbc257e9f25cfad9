/** The body of a request, as bytes: never more than the limit, never parsed. */
import type { Readable } from 'node:stream'
import { ApiError } from '../errors/api-error.ts'

/**
 * Reads a body whole.
 *
 * @param declaredBytes what Content-Length said, if it was there
 * @param maxBytes more than this is not kept: reading stops there
 * @param onStart called before the first byte is asked for, when the declared length is acceptable
 * @throws STT_ENTITY_TOO_LARGE when more was declared or came
 */
export function readUpload (
  body: Readable,
  declaredBytes: number | undefined,
  maxBytes: number,
  onStart: () => void
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (bytes: number, verb: string) => {
      reject(new ApiError('STT_ENTITY_TOO_LARGE', {
        reason: `the body ${verb} ${bytes} bytes, the limit is ${maxBytes}`
      }))
    }
    if (declaredBytes !== undefined && declaredBytes > maxBytes) {
      refuse(declaredBytes, 'has')
      return
    }
    onStart()

    const chunks: Buffer[] = []
    let receivedBytes = 0
    const onData = (chunk: Buffer) => {
      receivedBytes += chunk.length
      chunks.push(chunk)
      if (receivedBytes > maxBytes) {
        stop()
        body.pause()
        refuse(receivedBytes, 'has at least')
      }
    }
    const onEnd = () => {
      stop()
      const [first] = chunks
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks, receivedBytes))
    }
    const onError = (error: Error) => {
      stop()
      reject(error)
    }
    const stop = () => {
      body.off('data', onData)
      body.off('end', onEnd)
      // The error listener stays: an error after the answer has nobody left to be told.
    }
    body.on('data', onData)
    body.on('end', onEnd)
    body.on('error', onError)
  })
}
