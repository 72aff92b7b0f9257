import type { RpcId, RpcMessage } from '../rpc.ts'
import type { ClientError } from './client-error.ts'

/** What a transport tells its peer. */
export interface TransportListener {
  /**
   * One parsed message.
   *
   * @param origin id of the request on whose own stream it came, where the transport knows that (Streamable HTTP)
   */
  receive(message: unknown, origin: RpcId | undefined): void
  /** One request cannot be answered any more; the connection may live on. */
  fail(id: RpcId, error: ClientError): void
  /** The server has forgotten the session: it answers nothing new, but what is under way may still come. */
  stale(): void
  /** Something that is not a message, e.g. a line on standard output that is not JSON. */
  noise(excerpt: string): void
  /** The connection is over. Called once, also after `close()`. */
  closed(error: ClientError): void
}

/** Carries messages to one server and back. */
export interface ClientTransport {
  /** @throws ClientError `unreachable`, and what else keeps a server from being spoken to; `lost` when it is closed meanwhile */
  open(listener: TransportListener): Promise<void>
  /** @param headers of this message alone, lower case; only Streamable HTTP of the stateless era has any */
  send(message: RpcMessage, headers?: Readonly<Record<string, string>>): void
  /** Nobody waits for this request any more: free what it holds. In the stateless era over HTTP that is what cancels it. */
  abandon(id: RpcId): void
  /** Resolves once the server has what was sent and needs no answer. */
  arrived(): Promise<void>
  /** The revision that was negotiated; called once, before anything but `initialize` is sent; never in the stateless era. */
  negotiated(revision: string): void
  /** Whether the server keeps state for this connection. */
  readonly stateful: boolean
  /** Give back the process or the session. Resolves when it is really gone; safe to call twice. */
  close(): Promise<void>
}
