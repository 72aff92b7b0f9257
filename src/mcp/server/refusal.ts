import { FAULTS } from '../../contract/fault.ts'
import type { RpcId } from '../rpc.ts'

/** JSON-RPC codes of refusals that the transport part of MCP leaves open. */
export const REFUSAL = {
  /** What the official SDKs answer for a session that is gone; clients look for it beside the status 404. */
  sessionNotFound: -32_001,
} as const

interface RefusalOptions {
  /** The request that is refused, where it could be read. */
  readonly id?: RpcId | null
  readonly headers?: Readonly<Record<string, string>>
  /** Further facts that are safe to show, e.g. the revisions that are served. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** A message that is refused as a whole, with an HTTP status of its own. Its text is safe to show. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: number
  readonly id: RpcId | null
  readonly headers: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, unknown>>

  constructor(status: number, code: number, message: string, { id = null, headers = {}, data = {} }: RefusalOptions = {}) {
    super(message)
    this.status = status
    this.code = code
    this.id = id
    this.headers = headers
    this.data = data
  }
}

/** What comes while the server ends. */
export const stoppingRefusal = (): Refusal =>
  new Refusal(503, FAULTS.unavailable.rpc, 'The gateway is stopping. Try again when it is back.', {
    headers: { 'retry-after': '5' },
  })
