import type { FastifyInstance } from 'fastify'
import type { InstalledOperation } from '../../core/gatehouse.ts'
import { newEntry } from '../authenticate.ts'
import type { Front } from '../front.ts'
import { hangUp } from '../hang-up.ts'
import { operationInput } from './operation-input.ts'

/** The route of an operation, taken apart. */
export interface OperationRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify path without `/api`: `/upstreams/:alias`. */
  readonly path: string
  /** Input fields that stand in the path. */
  readonly pathFields: readonly string[]
  /** Where the other fields come from. */
  readonly source: 'query' | 'body'
}

/** Take an operation's declared route apart. */
export function routeOf({ operation }: InstalledOperation): OperationRoute {
  const [method, path] = operation.route.split(' ', 2) as [OperationRoute['method'], string]
  return {
    method,
    path,
    pathFields: [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!),
    source: method === 'GET' || method === 'DELETE' ? 'query' : 'body',
  }
}

/** One route per operation; the answer's body is the operation's output. */
export function operationRoutes(front: Front, api: FastifyInstance): void {
  for (const installed of front.gatehouse.operations) {
    const route = routeOf(installed)
    api.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const caller = request.caller!
        const { args, malformed } = operationInput(installed.tool, route, request)
        const entry = newEntry(request, 'rest', caller, hangUp(reply))
        const answer = await front.gatehouse.door.enter(caller, installed.name, args, malformed ? { ...entry, malformed } : entry)
        return answer.kind === 'data' ? answer.data : answer.result
      },
    })
  }
}
