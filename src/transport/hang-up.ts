import type { FastifyReply } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Calls that a request waits for; the stop takes back what did not end in time. */
    readonly callsInFlight: Set<AbortController>
  }
}

/** A signal that aborts when the client closes the connection before it was answered, or when the gateway stops. */
export function hangUp({ raw, server }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  server.callsInFlight.add(controller)
  raw.once('close', () => {
    server.callsInFlight.delete(controller)
    if (!raw.writableFinished) controller.abort(new Error('The client closed the connection.'))
  })
  return controller.signal
}
