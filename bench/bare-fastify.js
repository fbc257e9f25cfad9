/**
 * The yardstick: Fastify with one route that reads any body into a buffer and answers a constant. No log, no checks.
 * Plain JavaScript, so that nothing but Node and Fastify counts when its start is timed.
 */
import Fastify from 'fastify'

const BODY_LIMIT_BYTES = 4 * 1024 * 1024

const app = Fastify({ bodyLimit: BODY_LIMIT_BYTES })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
app.post('/recog/v1/stt', async (_request, reply) =>
  reply.header('content-type', 'application/json;charset=UTF-8').send('{"text":"turn off the light please"}'))

process.stdout.write(`listens on ${await app.listen({ host: '127.0.0.1', port: 0 })};\n`)
process.on('SIGTERM', () => { process.exit(0) })
