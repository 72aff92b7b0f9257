import type { ClientError } from './client-error.ts'
import type { ConnectionListener } from './connection.ts'
import type { Era } from './era.ts'
import { createPeer, type Peer } from './peer.ts'
import type { Deadline, TimerWheel } from './timer-wheel.ts'
import type { ClientTransport } from './transport.ts'

/** A transport that is open, and our half of the conversation over it. */
export interface OpenPeer {
  readonly peer: Peer
  readonly transport: ClientTransport
  readonly open: boolean
  /** From now on the listener hears all of it, as that era has it; before, only of what was ignored. */
  adopt(era: Era): void
}

interface OpenPeerParts {
  readonly wheel: TimerWheel
  readonly listener: ConnectionListener
  /** On the wheel's clock; what is not open by then is closed. */
  readonly deadlineMs: number
  /** Stops the opening alone. */
  readonly signal: AbortSignal | undefined
}

/**
 * Open a transport and speak over it.
 *
 * @throws ClientError
 */
export async function openPeer(transport: ClientTransport, parts: OpenPeerParts): Promise<OpenPeer> {
  const { wheel, listener, deadlineMs, signal } = parts
  let ended: ClientError | undefined
  let adopted: Era | undefined
  const peer = createPeer({
    wheel,
    send: (message, headers) => transport.send(message, headers),
    abandon: (id) => transport.abandon(id),
    listener: {
      notification: (method, params) => {
        if (adopted !== undefined) listener.notification(method, params)
      },
      ignored: (what, excerpt) => listener.ignored(what, excerpt),
      get mayAsk() {
        return adopted !== 'stateless'
      },
      get request() {
        return adopted === undefined ? undefined : listener.request
      },
    },
  })
  const giveUp = (): void => void transport.close()
  const expiry: Deadline = { dueAtMs: deadlineMs, expire: giveUp }
  wheel.add(expiry)
  signal?.addEventListener('abort', giveUp)
  try {
    await transport.open({
      receive: peer.receive,
      fail: peer.fail,
      stale() {
        if (adopted !== undefined) listener.stale()
      },
      noise: (excerpt) => listener.ignored('garbage', excerpt),
      closed(error) {
        ended = error
        peer.failAll(error)
        if (adopted !== undefined) listener.closed(error)
      },
    })
  } finally {
    wheel.remove(expiry)
    signal?.removeEventListener('abort', giveUp)
  }
  return {
    peer,
    transport,
    get open() {
      return ended === undefined
    },
    adopt(era) {
      adopted = era
    },
  }
}
