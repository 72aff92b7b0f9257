import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Fault } from '../contract/fault.ts'
import { authenticate } from './authenticate.ts'
import type { Front } from './front.ts'

/** What `/metrics` asks of whoever scrapes it. */
const PERMIT = 'monitor.read'

/** `/metrics` in the text format of Prometheus: for holders of `monitor.read`, for everybody, or not at all, as `[http] metrics` says. */
export function metrics(front: Front): FastifyPluginAsync {
  return async (app) => {
    const { http, gatehouse } = front
    if (http.metrics === 'off') return
    app.get('/metrics', async (request, reply) => {
      if (http.metrics === 'token') await admit(front, request)
      return reply
        .header('cache-control', 'no-store')
        .type(gatehouse.meter.contentType)
        .send(await gatehouse.meter.scrape())
    })
  }
}

/** @throws Fault `unauthorized`, `forbidden` */
async function admit(front: Front, request: FastifyRequest): Promise<void> {
  const { grants } = await authenticate(front, request)
  if (!grants.allows(PERMIT))
    throw new Fault('forbidden', `Metrics need the right ${PERMIT}. Make a token for Prometheus that holds nothing else.`)
}
