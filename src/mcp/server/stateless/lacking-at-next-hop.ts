import type { Fault } from '../../../contract/fault.ts'
import { RPC, RpcError } from '../../rpc.ts'
import { isRecord } from '../message.ts'

type Params = Readonly<Record<string, unknown>>

/** Capabilities are named at this depth: `extensions`, and below it those of each. */
const MAX_DEPTH = 3

/**
 * What the server behind us missed in the capabilities that it was told of, as far as this client has not declared it either; `undefined` for
 * none. What only the gateway kept back is no fault of the client's.
 */
export function lackingAtNextHop(capabilities: Params, fault: Fault): Params | undefined {
  const data = missingCapabilityError(fault)?.data
  const required = isRecord(data) ? data['requiredCapabilities'] : undefined
  if (!isRecord(required)) return undefined
  const lacking = Object.entries(required).filter(([key, wanted]) => !declares(capabilities[key], wanted))
  return lacking.length > 0 ? Object.fromEntries(lacking.map(([key, wanted]) => [key, namesOf(wanted, 1)])) : undefined
}

/** The error -32021 that a fault comes from, through however many hands. */
function missingCapabilityError(fault: Fault): RpcError | undefined {
  let cause = fault.cause
  while (cause instanceof Error && !(cause instanceof RpcError)) cause = cause.cause
  return cause instanceof RpcError && cause.code === RPC.missingCapability ? cause : undefined
}

/** Whether an object has all members that another has, at any depth. */
const declares = (declared: unknown, wanted: unknown): boolean =>
  isRecord(declared) && (!isRecord(wanted) || Object.entries(wanted).every(([key, part]) => declares(declared[key], part)))

/** Names alone: what else a server says there is not for our clients. */
function namesOf(wanted: unknown, depth: number): Params {
  if (!isRecord(wanted) || depth === MAX_DEPTH) return {}
  return Object.fromEntries(Object.entries(wanted).map(([key, part]) => [key, namesOf(part, depth + 1)]))
}
