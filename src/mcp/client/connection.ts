import { ClientError } from './client-error.ts'
import { createPeer, type Peer, type RequestOptions } from './peer.ts'
import type { TimerWheel } from './timer-wheel.ts'
import type { ClientTransport } from './transport.ts'

/** Revisions that we speak, newest first. */
const CLIENT_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const

/** What a server said of itself in `initialize`, unknown fields included. */
export interface ServerIntroduction {
  readonly protocolVersion: string
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly serverInfo: Readonly<Record<string, unknown>>
  readonly instructions?: string
  readonly [extra: string]: unknown
}

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** A notification that belongs to no request; methods that we do not know included. */
  notification(method: string, params: unknown): void
  /** Garbage and stray answers, for a rate-capped log. */
  ignored(what: string, excerpt: string): void
  /** The server has forgotten our session: open a new connection, let this one finish what is under way. */
  stale(): void
  closed(error: ClientError): void
}

interface ConnectOptions {
  readonly transport: ClientTransport
  readonly wheel: TimerWheel
  readonly clientInfo: { readonly name: string; readonly version: string }
  /** What we can answer when the server asks; default nothing. */
  readonly capabilities?: Readonly<Record<string, unknown>>
  readonly listener: ConnectionListener
  /** For the handshake as a whole. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** An initialised session with one server. */
export interface Connection {
  readonly server: ServerIntroduction
  /** Whether the server keeps state for this connection, so that it must not be shared. */
  readonly stateful: boolean
  readonly open: boolean
  readonly pendingCount: number
  readonly strayCount: number
  /**
   * Ask, and get the result exactly as it was sent.
   *
   * @throws RpcError, ClientError
   */
  request(method: string, params: Readonly<Record<string, unknown>> | undefined, options: RequestOptions): Promise<unknown>
  notify(method: string, params?: Readonly<Record<string, unknown>>): void
  /** Fail what is under way and give back process or session. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Open a transport and introduce ourselves (MCP 2025-11-25, "Lifecycle").
 *
 * @throws ClientError when the server cannot be reached, does not answer, or speaks no revision of ours
 * @throws RpcError when it refuses
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { transport, wheel, listener } = options
  let open = true
  const peer = createPeer({
    wheel,
    send: (message) => transport.send(message),
    abandon: (id) => transport.abandon(id),
    listener,
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
    return connectionOf(peer, transport, server, () => open)
  } catch (thrown) {
    await transport.close()
    throw thrown
  }
}

function connectionOf(peer: Peer, transport: ClientTransport, server: ServerIntroduction, isOpen: () => boolean): Connection {
  return {
    server,
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
  const params = { protocolVersion: CLIENT_REVISIONS[0], capabilities, clientInfo }
  const result = await peer.request('initialize', params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
  const server = result as Partial<ServerIntroduction> | null
  const revision = server?.protocolVersion
  if (typeof revision !== 'string') throw new ClientError('broken', 'The server answered initialize without a protocolVersion.')
  if (!CLIENT_REVISIONS.some((known) => known === revision)) {
    const known = `${CLIENT_REVISIONS.at(-1)} to ${CLIENT_REVISIONS[0]}`
    throw new ClientError('broken', `The server speaks MCP revision ${revision.slice(0, 40)}; we speak ${known}.`)
  }
  return { ...server, capabilities: server?.capabilities ?? {}, serverInfo: server?.serverInfo ?? {} } as ServerIntroduction
}
