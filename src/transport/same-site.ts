import type { onRequestHookHandler } from 'fastify'
import { Fault } from '../contract/fault.ts'
import type { Front } from './front.ts'
import { isLoopback } from './http-settings.ts'

/** What browsers may send and read across origins; only listed origins get it. */
const CROSS_ORIGIN_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'authorization, content-type, accept, mcp-session-id, mcp-protocol-version, last-event-id',
  'access-control-expose-headers': 'mcp-session-id, x-request-id, retry-after, www-authenticate',
  'access-control-max-age': '600',
}

/**
 * Refuse requests that a web page elsewhere made a browser send: a `Host` that is not ours (DNS rebinding), an `Origin` that is not listed.
 *
 * Source: MCP 2025-11-25, Streamable HTTP, security warning.
 */
export function sameSite(front: Front): onRequestHookHandler {
  const isOurs = hostCheck(front)
  const listed = new Set(front.http.allowedOrigins.map((origin) => origin.toLowerCase()))

  return (request, reply, done) => {
    const { host, origin } = request.headers
    if (!isOurs(host)) {
      throw new Fault(
        'forbidden',
        'The Host header names a host that this gateway does not answer for. Add it to allowedHosts in [http] if it should.',
      )
    }
    if (origin === undefined) return done()
    if (listed.has(origin.toLowerCase())) {
      reply.headers({ ...CROSS_ORIGIN_HEADERS, 'access-control-allow-origin': origin, vary: 'origin' })
      if (request.method !== 'OPTIONS') return done()
      void reply.code(204).send()
      return
    }
    if (!isOurs(originHost(origin))) {
      throw new Fault(
        'forbidden',
        'Requests from this web origin are not allowed. Add it to allowedOrigins in [http] if they should be.',
      )
    }
    done()
  }
}

function hostCheck({ http }: Front): (host: string | undefined) => boolean {
  const names = new Set(http.allowedHosts.map((host) => host.toLowerCase()))
  names.add(http.host.toLowerCase())
  if (http.publicUrl) names.add(new URL(http.publicUrl).hostname.toLowerCase())
  return (host) => {
    if (host === undefined) return false
    const name = host.toLowerCase().replace(/:\d+$/, '')
    return isLoopback(name) || names.has(name) || names.has(host.toLowerCase())
  }
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
