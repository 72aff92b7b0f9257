import type { IncomingHttpHeaders } from 'node:http'
import { META } from '../../meta-key.ts'
import { STATELESS_REVISION } from '../../stateless-revision.ts'
import { isRecord } from '../message.ts'

/**
 * Whether a POST belongs to the stateless era: its body says which revision it speaks, its header names ours, or it asks what only that era has.
 *
 * What says none of these begins or continues a session (MCP 2026-07-28, versioning).
 *
 * @param raw the body, parsed and not judged yet
 */
export function isStateless(headers: IncomingHttpHeaders, raw: unknown): boolean {
  if (headers['mcp-protocol-version'] === STATELESS_REVISION) return true
  if (!isRecord(raw)) return false
  const { method, params } = raw
  const meta = isRecord(params) ? params['_meta'] : undefined
  if (isRecord(meta) && META.protocolVersion in meta) return true
  return headers['mcp-session-id'] === undefined && (method === 'server/discover' || method === 'subscriptions/listen')
}
