import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { type RawAnswer, type RawCall, rawCallName } from '../../contract/raw-call.ts'
import { newEntry } from '../authenticate.ts'
import type { Front } from '../front.ts'
import { hangUp } from '../hang-up.ts'

/** What says how the gateway's own answer travels, and what no other server may say in its name. */
const OWN_HEADERS =
  /^(?:connection|keep-alive|transfer-encoding|content-length|content-encoding|upgrade|set-cookie|x-request-id|cache-control|strict-transport-security|access-control-.*)$/

/** How the caller told the gateway who asks: no matter of the API, nor of the record. */
const CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-csrf-token'])

/** `ANY /x/<source>/<path…>`: a request in the shape of the API behind a source, through the same door as every call. */
export function rawRoutes(front: Front): FastifyPluginAsync {
  return async (raw) => {
    takeAnything(raw)
    raw.route<{ Params: { source: string } }>({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: '/x/:source/*',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const caller = request.caller!
        const call = callOf(request)
        const [path = ''] = call.target.split('?', 1)
        const name = rawCallName(request.params.source, call.method, path)
        const answer = await front.gatehouse.door.enter(caller, name, call, newEntry(request, 'rest', caller, hangUp(reply)))
        return answer.kind === 'data' ? send(reply, answer.data as RawAnswer) : answer.result
      },
    })
  }
}

/** Bodies are the API's own matter. */
function takeAnything(raw: FastifyInstance): void {
  raw.removeAllContentTypeParsers()
  raw.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body)
}

function callOf(request: FastifyRequest): RawCall {
  const { body, headers, method, raw } = request
  // As it was sent: a decoded path may mean another one. Proxies name the host as well (RFC 9112, 3.2.2).
  const target = /^(?:https?:\/\/[^/?#]*)?\/api\/x\/[^/?]*(\/.*)$/is.exec(raw.url ?? '')?.[1] ?? '/'
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  const others = Object.fromEntries(texts.filter(([name]) => !CREDENTIALS.has(name)))
  return {
    method: method as RawCall['method'],
    target,
    headers: others,
    body: Buffer.isBuffer(body) && body.length > 0 ? body.toString('base64') : null,
  }
}

function send(reply: FastifyReply, { status, headers, text, base64, isCut }: RawAnswer): FastifyReply {
  for (const [name, value] of Object.entries(headers)) if (!OWN_HEADERS.test(name)) reply.header(name, value)
  // What somebody else's server wrote must do nothing in a browser that is signed in here.
  reply.header('content-security-policy', "default-src 'none'; sandbox").header('x-content-type-options', 'nosniff')
  if (isCut) reply.header('x-gatehouse-cut', 'true')
  if (base64 !== null) return reply.code(status).send(Buffer.from(base64, 'base64'))
  // It was decoded on its way, whatever it came in.
  const type = headers['content-type']?.replace(/;\s*charset=[^;]*/i, '; charset=utf-8')
  if (type !== undefined) reply.header('content-type', type)
  return reply.code(status).send(Buffer.from(text ?? ''))
}
