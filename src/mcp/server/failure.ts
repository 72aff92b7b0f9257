import { FAULTS, type Fault } from '../../contract/fault.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { RPC, RpcError } from '../rpc.ts'
import { isRecord } from './message.ts'

/** Where a tool result carries the fault in a form for programs. */
const FAULT_META = 'gatehouse/fault'

/** What a client is told of a request that failed: a result that a model can act on, or a protocol error. */
export type Failure =
  | { readonly kind: 'result'; readonly result: RelayedResult }
  | { readonly kind: 'error'; readonly error: RpcError }

/** The request that failed. */
export interface Failed {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  readonly requestId: string
  /** What it was about can be called by somebody. */
  readonly exists: boolean
  /** What this era answers for a resource that does not exist: -32002 until 2025-11-25, -32602 since. */
  readonly noResource: number
}

/**
 * Put a fault into the words of the protocol.
 *
 * Of tool calls only a tool that does not exist is a protocol error; whatever else went wrong is a result that the model can act on. All
 * other methods have no result for it. What a server answered as a protocol error is passed on as it came: clients act on its code and data
 * (e.g. -32042, sign in at this address first).
 */
export function failureOf(fault: Fault, failed: Failed): Failure {
  const { cause } = fault
  if (isAboutResource(failed.method) && saysNoResource(fault)) return { kind: 'error', error: noResource(fault, failed) }
  if (cause instanceof RpcError) return { kind: 'error', error: cause }
  const unknownTool = fault.code === 'not_found' && !failed.exists
  if (failed.method === 'tools/call' && !unknownTool) return { kind: 'result', result: faultResult(fault, failed.requestId) }
  return { kind: 'error', error: protocolError(fault, failed.requestId) }
}

/** A fault as the `CallToolResult` of a call, so that the model reads why and what to do instead. */
const faultResult = (fault: Fault, requestId: string): RelayedResult => ({
  content: [{ type: 'text', text: [`${fault.code}: ${fault.message}`, ...detailLines(fault)].join('\n') }],
  isError: true,
  _meta: { [FAULT_META]: faultFacts(fault, requestId) },
})

function protocolError(fault: Fault, requestId: string): RpcError {
  const message = [fault.message, ...detailLines(fault)].join('\n')
  return new RpcError(FAULTS[fault.code].rpc, message, { data: faultFacts(fault, requestId) })
}

const detailLines = ({ details }: Fault): string[] => details.map(({ path, message }) => `- ${path || '/'}: ${message}`)

const isAboutResource = (method: string): boolean => method.startsWith('resources/')

/** Both eras' spelling of it, whoever found out. */
function saysNoResource({ code, cause }: Fault): boolean {
  if (!(cause instanceof RpcError)) return code === 'not_found'
  return cause.code === RPC.resourceNotFound || (cause.code === RPC.invalidParams && isRecord(cause.data) && 'uri' in cause.data)
}

function noResource(fault: Fault, { params, requestId, noResource: code }: Failed): RpcError {
  const { uri } = params
  if (fault.cause instanceof RpcError) {
    const { message, data } = fault.cause
    return new RpcError(code, message, { data: { ...(isRecord(data) && data), uri } })
  }
  return new RpcError(code, 'Resource not found. List the resources and templates to see what can be read.', {
    data: { ...faultFacts(fault, requestId), uri },
  })
}

/** What programs may know of a fault; neither stack nor cause is among it. */
const faultFacts = (fault: Fault, requestId: string): object => ({
  code: fault.code,
  requestId,
  ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
  ...(fault.data && { data: fault.data }),
})
