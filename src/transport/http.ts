import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Fault } from '../contract/fault.ts'
import { Roster } from '../core/churn/roster.ts'
import { knownValues } from '../core/known-values.ts'
import type { Front } from './front.ts'
import { type HttpMetrics, measureHttp } from './http.metrics.ts'
import { mcp } from './mcp/mcp.ts'
import { metrics } from './metrics.ts'
import { sendProblem } from './problem.ts'
import { rest } from './rest/rest.ts'
import { sameSite } from './same-site.ts'
import { web } from './web/web.ts'

/** The HTTP server and what stopping it needs. */
export interface Http {
  readonly app: FastifyInstance
  /** `/ready` answers 503 from now on; nothing else changes yet. */
  drain(): void
}

const refuseSchema = (): never => {
  throw new TypeError('Routes carry no schemas: the door judges all input. Declare an operation instead.')
}

/** Input is judged by the door alone, so Fastify's own compilers need not be loaded: 115 files that nothing would use. */
const NO_SCHEMAS = { compilersFactory: { buildValidator: () => refuseSchema, buildSerializer: () => refuseSchema } }

const STOPPED = new Fault(
  'unavailable',
  'The gateway stopped before the call had ended. What it was to do may have been done: look before you repeat it.',
)

/** Put all transports on one server. Nothing listens yet. */
export function createHttp(front: Front): Http {
  let draining = false
  const measure = measureHttp(front.gatehouse.meter)
  const app = Fastify({
    bodyLimit: front.http.bodyLimitBytes,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    trustProxy: front.http.trustedProxies.length > 0 ? front.http.trustedProxies : false,
    routerOptions: { maxParamLength: 512 },
    schemaController: NO_SCHEMAS,
    frameworkErrors: (error, request, reply) => {
      // An address that cannot be read is refused before any hook runs.
      request.authPath = 'none'
      reply.header('x-request-id', request.id).header('cache-control', 'no-store')
      void sendProblem(front, error, request, reply)
      recordRequest(front, measure, request, reply.statusCode, reply.elapsedTime)
    },
  })
  app.decorate('callsInFlight', new Roster<AbortController>())
  app.addHook('preClose', async () => {
    for (const call of app.callsInFlight.all()) call.abort(STOPPED)
  })
  app.decorateRequest('caller', undefined)
  app.decorateRequest('authPath', 'none')
  // Hooks that wait for nothing call back at once: a promise for each of them and each request costs more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    done()
  })
  app.addHook('onRequest', sameSite(front))
  app.addHook('onSend', async (_request, reply, payload) => (isText(reply, payload) ? knownValues.scrub(payload) : payload))
  app.addHook('onResponse', (request, reply, done) => {
    recordRequest(front, measure, request, reply.statusCode, reply.elapsedTime)
    done()
  })
  app.setErrorHandler((thrown, request, reply) => sendProblem(front, thrown, request, reply))

  app.get('/health', async () => ({ status: 'ok', version: front.gatehouse.version }))
  app.get('/ready', async (_request, reply) => (draining ? reply.code(503).send({ status: 'stopping' }) : { status: 'ready' }))
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    const { keys, cacheSeconds } = await front.gatehouse.publicKeys()
    void reply.header('cache-control', `public, max-age=${cacheSeconds}`).type('application/jwk-set+json')
    return JSON.stringify({ keys })
  })
  void app.register(metrics(front))
  void app.register(mcp(front))
  void app.register(rest(front))
  void app.register(web(front))
  return {
    app,
    drain: () => {
      draining = true
    },
  }
}

/** Pages and metrics: what a person or a scraper reads holds no secret, whichever way it came there. JSON is the door's to judge. */
const isText = (reply: FastifyReply, payload: unknown): payload is string =>
  typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/')

function recordRequest(
  { gatehouse }: Front,
  measure: HttpMetrics,
  request: FastifyRequest,
  status: number,
  durationMs: number,
): void {
  const { caller } = request
  measure({ method: request.method, status, authPath: request.authPath })
  gatehouse.recordHttp({
    requestId: request.id,
    at: Math.round(gatehouse.nowMs() - durationMs),
    method: request.method,
    path: request.url.split('?', 1)[0]!.slice(0, 512),
    status,
    durationMs,
    authPath: request.authPath,
    callerId: caller?.id,
    callerName: caller?.name,
    address: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 256),
  })
}
