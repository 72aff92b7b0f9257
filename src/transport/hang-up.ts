import type { FastifyReply } from 'fastify'
import type { Roster } from '../core/churn/roster.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Calls that a request waits for; the stop takes back what did not end in time. */
    readonly callsInFlight: Roster<AbortController>
  }
}

/** A signal that aborts when the client closes the connection before it was answered, or when the gateway stops. */
export function hangUp({ raw, server }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const seat = server.callsInFlight.add(controller)
  raw.once('close', () => {
    seat.leave()
    if (!raw.writableFinished) controller.abort(new Error('The client closed the connection.'))
  })
  return controller.signal
}
