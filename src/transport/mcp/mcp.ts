import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { McpServer } from '../../mcp/server/server.ts'
import { authenticate } from '../authenticate.ts'
import type { Front } from '../front.ts'
import { requireShallow } from '../nesting.ts'
import { backendOf } from './backend-of.ts'
import { measureMcp } from './mcp.metrics.ts'
import { sendRpcRefusal } from './rpc-refusal.ts'

/** How long calls in flight may take once the port closes, in ms. The door has waited for them before. */
const CLOSE_BUDGET_MS = 2_000

type Params = { readonly source?: string }

/**
 * MCP at `/mcp` (everything that the caller may see) and `/mcp/s/:source` (one source, by its own tool names).
 *
 * Each request is authenticated anew, before its body is read; a session is no credential.
 */
export function mcp(front: Front): FastifyPluginAsync {
  return async (app) => {
    const server = openServer(front)
    measureMcp(front.gatehouse.meter, server)
    follow(app, front, server)
    readBodiesAsText(app)
    app.addHook('onRequest', async (request) => void (await authenticate(front, request)))
    app.setErrorHandler((thrown, request, reply) => sendRpcRefusal(front, thrown, request, reply))
    for (const url of ['/mcp', '/mcp/s/:source']) {
      app.route({
        method: ['POST', 'GET', 'DELETE'],
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => handOver(front, server, request as FastifyRequest<{ Params: Params }>, reply),
      })
      app.route({ method: ['HEAD', 'OPTIONS', 'PATCH', 'PUT'], url, handler: refuseMethod })
    }
  }
}

function openServer({ gatehouse, http }: Front): McpServer {
  const { nowMs, log, version, sessionBook } = gatehouse
  return new McpServer({
    backend: backendOf(gatehouse),
    limits: http.mcp,
    identity: { name: 'gatehouse', title: 'Gatehouse', version },
    nowMs,
    log: log.child({ part: 'mcp' }),
    sessionBook,
    stateKey: gatehouse.keys.derive('SECRET_KEY_BASE', 'mcp request state'),
  })
}

/** Pass on what changes in the house, until the port closes. */
function follow(app: FastifyInstance, { gatehouse: { events } }: Front, server: McpServer): void {
  const endings = [
    events.subscribe('catalog', () => server.listsChanged()),
    events.subscribe('access', () => server.listsChanged()),
    events.subscribe('session_lists', () => server.listsChanged()),
  ]
  app.addHook('preClose', async () => {
    for (const end of endings) end()
    await server.close(CLOSE_BUDGET_MS)
  })
}

/** The protocol layer parses the only time; anything but JSON is refused with 415 by Fastify. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    requireShallow(body)
    return body
  })
}

async function handOver(
  front: Front,
  server: McpServer,
  request: FastifyRequest<{ Params: Params }>,
  reply: FastifyReply,
): Promise<void> {
  reply.hijack()
  await server.handle({
    method: request.method as 'POST' | 'GET' | 'DELETE',
    headers: request.headers,
    body: typeof request.body === 'string' ? request.body : '',
    res: reply.raw,
    answerHeaders: reply.getHeaders() as OutgoingHttpHeaders,
    caller: request.caller!,
    refresh: () => authenticate(front, request),
    requestId: request.id,
    source: request.params.source,
  })
}

async function refuseMethod(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.code(405).header('allow', 'POST, GET, DELETE').send()
}
