import { ClientError } from './client-error.ts'
import type { Connection, ServerIntroduction } from './connection.ts'
import type { Verdict } from './era.ts'
import { introductionOf, isFields } from './introduction-of.ts'
import type { OpenPeer } from './open-peer.ts'
import type { Peer } from './peer.ts'
import { SESSION_REVISIONS } from './revisions.ts'
import type { ClientTransport } from './transport.ts'

/** Who we are, as a server of the session era is told. */
export interface Introduction {
  readonly clientInfo: Readonly<Record<string, unknown>>
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** A server that takes longer to take note of a notification will not hear of it at all. */
const ARRIVAL_MS = 2_000

/**
 * Introduce ourselves (MCP 2025-11-25, "Lifecycle").
 *
 * @throws ClientError when the server does not answer, or speaks no revision of ours
 * @throws RpcError when it refuses
 */
export async function beginSession(
  opened: OpenPeer,
  introduction: Introduction,
  verdict: Verdict | undefined,
): Promise<Connection> {
  const { peer, transport } = opened
  const server = await introduce(peer, introduction)
  transport.negotiated(server.protocolVersion)
  opened.adopt('session')
  peer.notify('notifications/initialized')
  await arrival(transport)
  if (!opened.open) throw new ClientError('lost', 'The server ended the connection as soon as it was made.', { sent: false })
  return {
    server,
    era: 'session',
    verdict,
    get stateful() {
      return transport.stateful
    },
    get open() {
      return opened.open
    },
    get pendingCount() {
      return peer.pendingCount
    },
    get strayCount() {
      return peer.strayCount
    },
    request(method, params, options) {
      if (opened.open) return peer.request(method, params, options)
      return Promise.reject(new ClientError('lost', 'The connection is closed.', { sent: false }))
    },
    notify: peer.notify,
    subscribe() {
      return Promise.reject(new ClientError('refused', 'A server of the session era has no subscriptions.', { sent: false }))
    },
    close() {
      peer.failAll(new ClientError('lost', 'The connection was closed.'))
      return transport.close()
    },
  }
}

/** Over HTTP requests overtake each other, and some servers refuse what comes before `initialized`. */
async function arrival(transport: ClientTransport): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ARRIVAL_MS)
  await Promise.race([transport.arrived(), promise])
  clearTimeout(timer)
}

async function introduce(peer: Peer, { clientInfo, capabilities, timeoutMs, signal }: Introduction): Promise<ServerIntroduction> {
  const params = { protocolVersion: SESSION_REVISIONS[0], capabilities, clientInfo }
  const result = await peer.request('initialize', params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
  const server = isFields(result) ? result : {}
  const revision = server['protocolVersion']
  if (typeof revision !== 'string') throw new ClientError('broken', 'The server answered initialize without a protocolVersion.')
  if (!SESSION_REVISIONS.includes(revision)) {
    const known = `${SESSION_REVISIONS.at(-1)} to ${SESSION_REVISIONS[0]}`
    throw new ClientError('broken', `The server speaks MCP revision ${revision.slice(0, 40)}; we speak ${known}.`)
  }
  return introductionOf(server, revision, server['serverInfo'])
}
