import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Fault } from '../../contract/fault.ts'
import { authenticate } from '../authenticate.ts'
import type { Front } from '../front.ts'
import { sendProblem } from '../problem.ts'
import { docsRoutes } from './docs-routes.ts'
import { takeJson } from './json-body.ts'
import { type MethodsOf, watchRoutes } from './known-routes.ts'
import { openapiRoutes } from './openapi/openapi-routes.ts'
import { operationRoutes } from './operation-routes.ts'
import { rawRoutes } from './raw-routes.ts'
import { toolRoutes } from './tool-routes.ts'

/** Everything under `/api`: a route per operation, every tool by name, and the documents that describe them. */
export function rest(front: Front): FastifyPluginAsync {
  return async (app) => {
    await app.register(
      async (api) => {
        const methodsOf = watchRoutes(api)
        takeJson(api)
        api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
        api.setErrorHandler((thrown, request, reply) => sendProblem(front, thrown, request, reply))
        api.setNotFoundHandler((request, reply) => nothingHere(front, methodsOf, request, reply))
        await api.register(docsRoutes)
        await api.register(async (closed) => {
          closed.addHook('onRequest', async (request) => void (await authenticate(front, request)))
          toolRoutes(front, closed)
          operationRoutes(front, closed)
          openapiRoutes(front, closed)
          await closed.register(rawRoutes(front))
        })
      },
      { prefix: '/api' },
    )
  }
}

function nothingHere(front: Front, methodsOf: MethodsOf, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = request.url.split('?', 1)[0]!
  const methods = methodsOf(path)
  // A file that does not exist ends here too, for a method that its address does take.
  if (methods.length === 0 || methods.includes(request.method)) {
    const shown = `${request.method} ${path.slice(0, 256)}`
    return sendProblem(
      front,
      new Fault('not_found', `There is nothing at ${shown}. GET /api/openapi.json lists what there is.`),
      request,
      reply,
    )
  }
  const allowed = methods.join(', ')
  reply.header('allow', allowed)
  const fault = new Fault('invalid', `${request.method} is not possible here; possible is ${allowed}.`)
  return sendProblem(front, fault, request, reply, 405)
}
