import { RPC, RpcError } from '../rpc.ts'
import { ClientError } from './client-error.ts'
import type { Connection } from './connection.ts'
import type { RequestOptions } from './peer.ts'

interface ListOptions {
  /** Per page. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Stop after this many; default 10 000. */
  readonly maxTools?: number
  /** Stop after this many; default 1 000. */
  readonly maxPages?: number
  /** Stop after this many characters of JSON; default 32 Mi. */
  readonly maxChars?: number
}

/** What a server lists, each entry as it was sent. */
export interface ToolListing {
  readonly tools: readonly unknown[]
  /** Why the list is not whole, a sentence; `undefined` when it is. */
  readonly cutShort: string | undefined
}

/**
 * Drain all pages of `tools/list`, but not those of a server whose cursors never end.
 *
 * @throws RpcError, ClientError
 */
export async function listTools(
  connection: Connection,
  { timeoutMs, signal, maxTools = 10_000, maxPages = 1_000, maxChars = 33_554_432 }: ListOptions,
): Promise<ToolListing> {
  const tools: unknown[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  let chars = 0
  for (let page = 1; page <= maxPages; page += 1) {
    const params = cursor === undefined ? undefined : { cursor }
    const result = await askPage(connection, params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
    if (!Array.isArray(result?.tools)) throw new ClientError('broken', 'The server answered tools/list without a list of tools.')
    chars += JSON.stringify(result.tools).length
    if (chars > maxChars) return { tools, cutShort: `Only the first pages, up to ${maxChars} characters, were taken.` }
    for (const tool of result.tools) tools.push(tool)
    if (tools.length > maxTools)
      return { tools: tools.slice(0, maxTools), cutShort: `Only the first ${maxTools} tools were taken.` }
    // An empty string is a valid cursor; only its absence ends the list.
    if (typeof result.nextCursor !== 'string') return { tools, cutShort: undefined }
    if (seen.has(result.nextCursor)) return { tools, cutShort: 'The server repeated a page cursor, so its list was cut there.' }
    seen.add(result.nextCursor)
    cursor = result.nextCursor
  }
  return { tools, cutShort: `Only the first ${maxPages} pages were taken.` }
}

/** A server that has only resources or prompts knows no such method: that is an empty list, and a sign of life. */
async function askPage(
  connection: Connection,
  params: { cursor: string } | undefined,
  options: RequestOptions,
): Promise<Page | null> {
  try {
    return (await connection.request('tools/list', params, options)) as Page | null
  } catch (thrown) {
    if (thrown instanceof RpcError && thrown.code === RPC.methodNotFound) return { tools: [] }
    throw thrown
  }
}

interface Page {
  readonly tools?: unknown
  readonly nextCursor?: unknown
}
