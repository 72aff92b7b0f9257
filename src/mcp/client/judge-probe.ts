import { RPC, RpcError } from '../rpc.ts'
import { STATELESS_REVISION } from '../stateless-revision.ts'
import { ClientError } from './client-error.ts'
import type { Wire } from './era.ts'
import { SESSION_REVISIONS } from './revisions.ts'

/**
 * What a probe says of a server's era.
 *
 * `session`: it is of that era. `silent`: it is, as far as one can tell from no answer in time. `guess`: it may be, but the server is in
 * trouble. `fault`: whatever it is, it cannot be spoken to.
 */
export type Finding = 'session' | 'silent' | 'guess' | 'fault'

/** Judge why a probe (MCP 2026-07-28, "Backward Compatibility") found no server of the stateless era. */
export function judgeProbe(thrown: unknown, wire: Wire): Finding {
  if (thrown instanceof RpcError) return judgeError(thrown)
  if (!(thrown instanceof ClientError)) return 'fault'
  const { kind, status } = thrown
  if (kind === 'timeout') return 'silent'
  if (kind === 'broken') return 'session'
  if (kind === 'refused') return status === undefined || status === 401 || status === 403 ? 'fault' : 'session'
  // Over stdio it did not survive the question; over HTTP it is in trouble, whatever it is.
  if (kind === 'lost') return wire === 'stdio' ? 'session' : 'guess'
  return 'fault'
}

/** Whether a server that was last spoken to in the session era refuses that now, so that it is worth to ask again what it is. */
export function isAnotherEra(thrown: unknown): boolean {
  if (thrown instanceof RpcError) return true
  return thrown instanceof ClientError && (thrown.kind === 'broken' || isNotHere(thrown))
}

/** Whether nothing speaks Streamable HTTP at an address, so that HTTP+SSE may. */
export const isNotHere = (thrown: unknown): boolean =>
  thrown instanceof ClientError && thrown.kind === 'refused' && [400, 404, 405].includes(thrown.status ?? 0)

/** Whether a server that offers these revisions can be spoken to in the stateless era, in the session era, or not at all. */
export function judgeRevisions(supported: readonly unknown[]): 'stateless' | 'session' | undefined {
  if (supported.includes(STATELESS_REVISION)) return 'stateless'
  return supported.some((revision) => SESSION_REVISIONS.includes(revision as string)) ? 'session' : undefined
}

/** Whether a server refused our revision and named it as one that it speaks. */
export const speaksOurs = (thrown: unknown): boolean =>
  thrown instanceof RpcError && thrown.code === RPC.unsupportedVersion && judgeRevisions(supportedBy(thrown.data)) === 'stateless'

function judgeError({ code, data }: RpcError): Finding {
  if (code === RPC.headerMismatch || code === RPC.missingCapability) return 'fault'
  if (code !== RPC.unsupportedVersion) return 'session'
  return judgeRevisions(supportedBy(data)) === 'session' ? 'session' : 'fault'
}

function supportedBy(data: unknown): readonly unknown[] {
  const supported = (data as { supported?: unknown } | null | undefined)?.supported
  return Array.isArray(supported) ? supported : []
}
