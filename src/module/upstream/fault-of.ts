import { Fault, type FaultCode } from '../../contract/fault.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import { ClientError, type ClientErrorKind } from '../../mcp/client/client-error.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'

const CODES = {
  timeout: 'timeout',
  cancelled: 'cancelled',
  lost: 'upstream',
  stale: 'unavailable',
  too_large: 'too_large',
  busy: 'busy',
  refused: 'upstream',
  broken: 'upstream',
  unreachable: 'unavailable',
} as const satisfies Record<ClientErrorKind, FaultCode>

const MAX_MESSAGE_CHARS = 1_000

/** What a caller is told when a server did not answer as it should. An error of the server itself stays attached as `cause`. */
export function faultOf(alias: string, thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  if (thrown instanceof RpcError) {
    const message = `Upstream ${alias} answered with error ${thrown.code}: ${thrown.message.slice(0, MAX_MESSAGE_CHARS)}`
    return new Fault(codeOf(thrown), message, {
      // It is passed on as it came, but for what must not leave.
      cause: new RpcError(thrown.code, scrubValue(thrown.message), scrubValue({ data: thrown.data })),
      data: { rpcCode: thrown.code, ...(thrown.data !== undefined && { rpcData: thrown.data }) },
    })
  }
  if (!(thrown instanceof ClientError)) return Fault.from(thrown)
  const lacksCapability = thrown.cause instanceof RpcError && thrown.cause.code === RPC.missingCapability
  const code = lacksCapability ? 'invalid' : CODES[thrown.kind]
  const retry = thrown.retryAfterMs === undefined ? {} : { retryAfterMs: thrown.retryAfterMs }
  return new Fault(code, `Upstream ${alias}: ${thrown.message}${ADVICE[thrown.kind] ?? ''}`, { cause: thrown, ...retry })
}

/** What tells nothing of a server in trouble is no `upstream`. */
function codeOf({ code, data }: RpcError): FaultCode {
  if (code === RPC.resourceNotFound) return 'not_found'
  const isAboutUri = typeof data === 'object' && data !== null && 'uri' in data
  return code === RPC.invalidParams && isAboutUri ? 'not_found' : 'upstream'
}

const ADVICE: Partial<Record<ClientErrorKind, string>> = {
  lost: ' What the call was to do may have been done; it is not repeated here unless its tool says that this is safe.',
  too_large: ' Ask for less.',
}

/** Whether a failure is the upstream's, so that its message says all there is to know. */
export const isExpected = (thrown: unknown): boolean =>
  thrown instanceof RpcError || thrown instanceof ClientError || thrown instanceof Fault

/** Why a connect failed, for the operator. */
export function connectFaultText(thrown: unknown): string {
  if (thrown instanceof RpcError)
    return `The server answered with error ${thrown.code}: ${thrown.message.slice(0, MAX_MESSAGE_CHARS)}`
  if (isExpected(thrown)) return (thrown as Error).message
  return 'It failed inside the gateway. The server log says why.'
}
