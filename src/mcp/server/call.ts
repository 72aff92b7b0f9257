import type { RpcId } from '../rpc.ts'
import type { Exchange } from './exchange.ts'
import type { Session } from './session.ts'

/** A `tools/call` in flight. */
export interface Call {
  readonly id: RpcId
  readonly session: Session
  readonly exchange: Exchange
  readonly controller: AbortController
  /** The client has its answer, or wants none; what the tool still says is dropped. */
  settled: boolean
}

/** Take a call back: the tool is told to stop, and the client gets no answer any more. */
export function cancelCall(call: Call, reason: Error): void {
  if (call.settled) return
  call.settled = true
  call.controller.abort(reason)
  call.exchange.abandon()
}
