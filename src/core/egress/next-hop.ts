import type { Hop, HopAnswer } from './exchange.ts'

/** What goes on to another origin. Everything else may be a credential, or say who asks. */
const CROSSES = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent', 'x-request-id', 'traceparent'])

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Where a redirect leads; undefined for an answer that is none, or is handed on as it is: one that would turn a write into a read unasked, or
 * carry a body to another origin.
 */
export function nextHop(hop: Hop, { status, headers }: HopAnswer): Hop | undefined {
  const { location } = headers
  if (!REDIRECTS.has(status) || typeof location !== 'string') return undefined
  const url = URL.parse(location, hop.url.href)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const isRead = hop.method === 'GET' || hop.method === 'HEAD'
  if (status === 303 && !isRead) return moved({ ...hop, method: 'GET', body: null, headers: withoutBody(hop.headers) }, url)
  if (!isRead && status < 307) return undefined
  return hop.body !== null && url.origin !== hop.url.origin ? undefined : moved(hop, url)
}

const moved = (hop: Hop, url: URL): Hop => ({
  ...hop,
  url,
  headers: url.origin === hop.url.origin ? hop.headers : only(hop.headers, (name) => CROSSES.has(name)),
})

const withoutBody = (headers: Hop['headers']): Hop['headers'] => only(headers, (name) => !name.startsWith('content-'))

const only = (headers: Hop['headers'], isKept: (name: string) => boolean): Hop['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)))
