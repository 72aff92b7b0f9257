import type { IncomingHttpHeaders } from 'node:http'
import { RPC } from '../rpc.ts'
import { Refusal } from './refusal.ts'
import { isRevision, REVISIONS } from './revision.ts'

/** A POST carries JSON and takes both kinds of answer. @throws Refusal 415, 406 */
export function requirePostHeaders(headers: IncomingHttpHeaders): void {
  const type = headers['content-type']
  if (type !== 'application/json' && mediaType(type ?? '') !== 'application/json')
    throw new Refusal(415, RPC.invalidRequest, 'The Content-Type must be application/json.')
  const { accept } = headers
  // The spelling of nearly every client is looked at first; anything else is read properly.
  if (accept === 'application/json, text/event-stream') return
  if (!accepts(accept, 'application/json') || !accepts(accept, 'text/event-stream'))
    throw new Refusal(406, RPC.invalidRequest, 'The Accept header must list both application/json and text/event-stream.')
}

/** A GET opens an event stream. @throws Refusal 406 */
export function requireGetHeaders({ accept }: IncomingHttpHeaders): void {
  if (!accepts(accept, 'text/event-stream'))
    throw new Refusal(406, RPC.invalidRequest, 'The Accept header must list text/event-stream.')
}

/** The header may be absent; then the session's own revision holds. @throws Refusal 400 for a revision that is not spoken here */
export function requireKnownRevision(headers: IncomingHttpHeaders): void {
  const asked = headers['mcp-protocol-version']
  if (asked === undefined || (typeof asked === 'string' && isRevision(asked))) return
  const known = Object.keys(REVISIONS).join(', ')
  throw new Refusal(
    400,
    RPC.invalidRequest,
    `The MCP-Protocol-Version header names a revision that is not served here. Served: ${known}.`,
  )
}

/** The session that a message belongs to. @throws Refusal 400 without the header */
export function requireSessionId(headers: IncomingHttpHeaders): string {
  const id = headers['mcp-session-id']
  if (typeof id === 'string' && id !== '') return id
  throw new Refusal(
    400,
    RPC.invalidRequest,
    'The Mcp-Session-Id header is missing. Send initialize first, then the id from its answer.',
  )
}

const mediaType = (header: string): string => header.split(';', 1)[0]!.trim().toLowerCase()

function accepts(header: string | undefined, wanted: string): boolean {
  const group = `${wanted.split('/', 1)[0]}/*`
  return (header ?? '').split(',').some((range) => {
    const type = mediaType(range)
    return type === wanted || type === group || type === '*/*'
  })
}
