/** What makes the server end soon once it has been told to: no connection is kept that nothing will come of. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export function addClosingHooks (app: FastifyInstance): void {
  const sockets = new Set<Socket>()
  let isClosing = false

  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => { sockets.delete(socket) })
  })
  app.addHook('preClose', async () => {
    isClosing = true
    // Node ends the connections that are between two requests, but waits for those that have never sent one. In the
    // next turn, because until then the server still listens and would take new ones in their place.
    setImmediate(() => {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    })
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}
