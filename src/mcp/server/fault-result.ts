import { FAULTS, type Fault } from '../../contract/fault.ts'

/** Where a tool result carries the fault in a form for programs. */
const FAULT_META = 'gatehouse/fault'

/** A fault of a `tools/call` as the JSON of a `CallToolResult`, so that the model reads why and what to do instead. */
export function faultResult(fault: Fault, requestId: string): string {
  const lines = [`${fault.code}: ${fault.message}`, ...fault.details.map(({ path, message }) => `- ${path || '/'}: ${message}`)]
  return JSON.stringify({
    content: [{ type: 'text', text: lines.join('\n') }],
    isError: true,
    _meta: { [FAULT_META]: faultFacts(fault, requestId) },
  })
}

/** The code of the protocol error that a fault becomes where it cannot be a result. */
export const faultRpcCode = (fault: Fault): number => FAULTS[fault.code].rpc

/** What programs may know of a fault; neither stack nor cause is among it. */
export const faultFacts = (fault: Fault, requestId: string): object => ({
  code: fault.code,
  requestId,
  ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
  ...(fault.data && { data: fault.data }),
})
