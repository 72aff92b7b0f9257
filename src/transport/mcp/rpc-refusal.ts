import type { FastifyReply, FastifyRequest } from 'fastify'
import { FAULTS } from '../../contract/fault.ts'
import { RPC } from '../../mcp/rpc.ts'
import type { Front } from '../front.ts'
import { challenge, faultOf } from '../problem.ts'

/** Statuses where HTTP is more exact than the fault. */
const STATUS: Readonly<Record<string, number>> = { FST_ERR_CTP_INVALID_MEDIA_TYPE: 415 }

/** Answer what was refused before the protocol layer saw it (credentials, host, size, content type) in the shape that MCP clients read. */
export function sendRpcRefusal(front: Front, thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = faultOf(front, thrown, request)
  const { http, rpc } = FAULTS[fault.code]
  if (fault.code === 'unauthorized') reply.header('www-authenticate', challenge(request))
  if (fault.retryAfterMs !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(fault.retryAfterMs / 1_000)))
  // What does not fit here is the request itself; -32602 is about the params of a method.
  const code = fault.code === 'invalid' ? RPC.invalidRequest : rpc
  const error = { code, message: fault.message, data: { requestId: request.id } }
  return reply
    .code(STATUS[(thrown as { code?: string } | null)?.code ?? ''] ?? http)
    .type('application/json')
    .send(JSON.stringify({ jsonrpc: '2.0', id: null, error }))
}
