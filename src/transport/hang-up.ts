import type { FastifyReply } from 'fastify'

/** A signal that aborts when the client closes the connection before it was answered. */
export function hangUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('The client closed the connection.'))
  })
  return controller.signal
}
