import type { Fault } from '../../contract/fault.ts'
import type { Seat } from '../../core/churn/roster.ts'
import type { RpcId } from '../rpc.ts'
import type { Exchange } from './exchange.ts'
import { withdrawAll } from './question.ts'
import type { Session } from './session.ts'

/** A request in flight that is behind the door. */
export interface Call {
  readonly id: RpcId
  readonly session: Session
  readonly exchange: Exchange
  readonly controller: AbortController
  /** The client has its answer, or wants none; what the tool still says is dropped. */
  settled: boolean
  /** Its places among the calls of its session and among all, while it has them. */
  seats: { readonly ofSession: Seat; readonly ofAll: Seat } | undefined
}

/** Take a call back: the tool is told to stop, and the client gets no answer any more. */
export function cancelCall(call: Call, reason: Fault): void {
  if (call.settled) return
  withdrawAll(call.session, reason, call)
  call.settled = true
  call.controller.abort(reason)
  call.exchange.abandon()
}
