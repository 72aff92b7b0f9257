import type { Connection } from './connection.ts'
import { type ListOptions, listAll } from './list-all.ts'

/** The tools that a server lists, each as it was sent. */
export interface ToolListing {
  readonly tools: readonly unknown[]
  /** Why the list is not whole, a sentence; `undefined` when it is. */
  readonly cutShort: string | undefined
}

/**
 * Drain all pages of `tools/list`.
 *
 * @throws RpcError, ClientError
 */
export async function listTools(connection: Connection, options: ListOptions): Promise<ToolListing> {
  const { entries, cutShort } = await listAll(connection, 'tools/list', 'tools', options)
  return { tools: entries, cutShort }
}
