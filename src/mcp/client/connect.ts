import { ClientError } from './client-error.ts'
import type { Connection, ConnectionListener, ServerIntroduction } from './connection.ts'
import type { Era, Verdict, Wire } from './era.ts'
import { createPeer, type Peer } from './peer.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { ClientTransport } from './transport.ts'

/** Revisions of the session era that we speak, newest first. */
const SESSION_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const

/** How to reach a server, and who we are. */
export interface ConnectOptions {
  /** Make a transport that was never used; called once per attempt. */
  readonly dial: (attempt: Verdict) => ClientTransport
  /** What may carry the messages, the likeliest first: `['stdio']`, `['http', 'sse']` or `['sse']`. */
  readonly wires: readonly [Wire, ...Wire[]]
  /** Default `auto`: find out. */
  readonly era?: Era | 'auto'
  /** What an earlier connection found out; tried first. */
  readonly known?: Verdict | undefined
  readonly wheel: TimerWheel
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** What we can answer when the server asks; default nothing. */
  readonly capabilities?: Readonly<Record<string, unknown>>
  readonly listener: ConnectionListener
  /** For the handshake as a whole. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Open a transport and introduce ourselves (MCP 2025-11-25, "Lifecycle").
 *
 * @throws ClientError when the server cannot be reached, does not answer, or speaks no revision of ours
 * @throws RpcError when it refuses
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { dial, wires, wheel, listener } = options
  const verdict: Verdict = { era: 'session', wire: wires[0] }
  const transport = dial(verdict)
  let open = true
  const peer = createPeer({
    wheel,
    send: (message) => transport.send(message),
    abandon: (id) => transport.abandon(id),
    listener: {
      notification: listener.notification,
      ignored: listener.ignored,
    },
  })
  await transport.open({
    receive: peer.receive,
    fail: peer.fail,
    stale: listener.stale,
    noise: (excerpt) => listener.ignored('garbage', excerpt),
    closed(error) {
      open = false
      peer.failAll(error)
      listener.closed(error)
    },
  })
  try {
    const server = await introduce(peer, options)
    transport.negotiated(server.protocolVersion)
    peer.notify('notifications/initialized')
    return connectionOf(peer, transport, server, verdict, () => open)
  } catch (thrown) {
    await transport.close()
    throw thrown
  }
}

function connectionOf(
  peer: Peer,
  transport: ClientTransport,
  server: ServerIntroduction,
  verdict: Verdict,
  isOpen: () => boolean,
): Connection {
  return {
    server,
    era: verdict.era,
    verdict,
    get stateful() {
      return transport.stateful
    },
    get open() {
      return isOpen()
    },
    get pendingCount() {
      return peer.pendingCount
    },
    get strayCount() {
      return peer.strayCount
    },
    request(method, params, options) {
      if (isOpen()) return peer.request(method, params, options)
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

async function introduce(
  peer: Peer,
  { clientInfo, capabilities = {}, timeoutMs, signal }: ConnectOptions,
): Promise<ServerIntroduction> {
  const params = { protocolVersion: SESSION_REVISIONS[0], capabilities, clientInfo }
  const result = await peer.request('initialize', params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
  const server = result as Partial<ServerIntroduction> | null
  const revision = server?.protocolVersion
  if (typeof revision !== 'string') throw new ClientError('broken', 'The server answered initialize without a protocolVersion.')
  if (!SESSION_REVISIONS.some((known) => known === revision)) {
    const known = `${SESSION_REVISIONS.at(-1)} to ${SESSION_REVISIONS[0]}`
    throw new ClientError('broken', `The server speaks MCP revision ${revision.slice(0, 40)}; we speak ${known}.`)
  }
  return { ...server, capabilities: server?.capabilities ?? {}, serverInfo: server?.serverInfo ?? {} } as ServerIntroduction
}
