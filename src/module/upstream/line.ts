import type { Connection } from '../../mcp/client/connection.ts'

type Notify = (method: string, params: unknown) => void

/** A connection as calls use it. */
export interface Line {
  readonly connection: Connection
  /**
   * Calls under way that want the server's notifications. Only where all of them are one client's: what a shared connection hears
   * belongs to nobody in particular.
   */
  readonly hearers: Set<Notify> | undefined
}
