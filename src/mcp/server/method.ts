import type { Caller } from '../../contract/caller.ts'
import type { RpcNotification, RpcRequest } from '../rpc.ts'
import type { Exchange } from './exchange.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** What every method of a session may use while it answers one message. */
export interface Turn {
  readonly state: ServerState
  readonly session: Session
  /** As authenticated for this very message. */
  readonly caller: Caller
  readonly exchange: Exchange
  readonly requestId: string
}

/** A method that answers at once, with the JSON of its result, or that answers through the exchange when it is done. @throws RpcError */
export type Method = (turn: Turn, request: RpcRequest) => string | Promise<void>

/** Takes note of something; a notification is never answered. */
export type Notice = (turn: Pick<Turn, 'state' | 'session'>, notification: RpcNotification) => void
