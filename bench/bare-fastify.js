/**
 * The yardstick: Fastify with a route that reads any body into a buffer and answers a constant, and one that hashes it
 * before. No log, no checks. Plain JavaScript, so that nothing but Node and Fastify counts when its start is timed.
 */
import { createHash } from 'node:crypto'
import Fastify from 'fastify'

const BODY_LIMIT_BYTES = 4 * 1024 * 1024

const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

function answer (reply) {
  return reply.header('content-type', 'application/json;charset=UTF-8').send('{"text":"turn off the light please"}')
}

app.post('/recog/v1/stt', async (_request, reply) => answer(reply))
app.post('/hash', async (request, reply) => {
  // The hash that the emulator takes of every body.
  createHash('sha512-256').update(request.body).digest('hex')
  return answer(reply)
})

process.stdout.write(`listens on ${await app.listen({ host: '127.0.0.1', port: 0 })};\n`)
process.on('SIGTERM', () => { process.exit(0) })
