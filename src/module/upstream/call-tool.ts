import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { ClientError, type ClientErrorKind } from '../../mcp/client/client-error.ts'
import type { RequestOptions } from '../../mcp/client/request-options.ts'
import { faultOf } from './fault-of.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import type { UpstreamTool } from './upstream-tools.ts'

/** After these another connection may do better. */
const REPEATABLE: readonly ClientErrorKind[] = ['lost', 'stale', 'unreachable']

/**
 * Call a tool at its server and relay the result exactly as it came.
 *
 * A call is repeated once, and only where nothing of it reached the server or where doing it twice does what once does.
 *
 * @throws Fault
 */
export async function callTool(link: Link, tool: UpstreamTool, visit: Visit): Promise<Answer> {
  try {
    return await attempt(link, tool, visit)
  } catch (thrown) {
    if (thrown instanceof ClientError && (thrown.kind === 'unreachable' || thrown.kind === 'lost')) link.suspect()
    if (!mayRepeat(thrown, tool) || visit.signal.aborted) throw faultOf(link.alias, thrown)
  }
  try {
    return await attempt(link, tool, visit)
  } catch (thrown) {
    throw faultOf(link.alias, thrown)
  }
}

async function attempt(link: Link, tool: UpstreamTool, visit: Visit): Promise<Answer> {
  const found = link.line(visit)
  const line = found instanceof Promise ? await found : found
  const result = await measured(link, () => ask(line, tool, visit))
  if (typeof result === 'object' && result !== null && !Array.isArray(result))
    return { kind: 'relay', result: result as RelayedResult }
  throw new ClientError('broken', `It answered tools/call with what is no result.`)
}

async function measured(link: Link, request: () => Promise<unknown>): Promise<unknown> {
  const startedAt = performance.now()
  try {
    const result = await request()
    link.metrics.answered(link.alias, performance.now() - startedAt)
    return result
  } catch (thrown) {
    link.metrics.failed(link.alias, performance.now() - startedAt, thrown)
    throw thrown
  }
}

function ask({ connection, hearers }: Line, tool: UpstreamTool, visit: Visit): Promise<unknown> {
  const { notify } = visit
  const params = { ...visit.extra, name: tool.remoteName, arguments: visit.arguments }
  const asked = connection.request('tools/call', params, requestOptions(tool, visit))
  if (notify === undefined || hearers === undefined) return asked
  hearers.add(notify)
  return asked.finally(() => hearers.delete(notify))
}

function requestOptions(tool: UpstreamTool, { signal, progress, notify }: Visit): RequestOptions {
  return {
    idleTimeoutMs: tool.idleTimeoutMs,
    maxTimeoutMs: tool.maxTimeoutMs,
    signal,
    // Also where nobody listens: it is what keeps a long call from looking like a dead one.
    wantProgress: true,
    ...(progress && { onProgress: (params) => progress(params as never) }),
    ...(notify && { onNotification: notify }),
  }
}

function mayRepeat(thrown: unknown, { effect, idempotent }: UpstreamTool): boolean {
  if (!(thrown instanceof ClientError) || !REPEATABLE.includes(thrown.kind)) return false
  return !thrown.sent || effect === 'read' || idempotent
}
