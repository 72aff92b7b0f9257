import { RPC, RpcError } from '../rpc.ts'
import { ClientError } from './client-error.ts'
import type { Connection } from './connection.ts'
import type { RequestOptions } from './request-options.ts'

/** How much of a list is taken. */
export interface ListOptions {
  /** Per page. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Stop after this many; default 10 000. */
  readonly maxEntries?: number
  /** Stop after this many; default 1 000. */
  readonly maxPages?: number
  /** Stop after this many characters of JSON; default 32 Mi. */
  readonly maxChars?: number
}

/** What a server lists, each entry as it was sent. */
export interface Listing {
  readonly entries: readonly unknown[]
  /** Why the list is not whole, a sentence; `undefined` when it is. */
  readonly cutShort: string | undefined
}

/**
 * Drain all pages of a list, but not those of a server whose cursors never end.
 *
 * @param method `tools/list`, `prompts/list`, `resources/list` or `resources/templates/list`
 * @param field of the result that holds the entries, e.g. `resourceTemplates`
 * @throws RpcError, ClientError
 */
export async function listAll(
  connection: Connection,
  method: string,
  field: string,
  { timeoutMs, signal, maxEntries = 10_000, maxPages = 1_000, maxChars = 33_554_432 }: ListOptions,
): Promise<Listing> {
  const entries: unknown[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  let chars = 0
  for (let page = 1; page <= maxPages; page += 1) {
    const params = cursor === undefined ? undefined : { cursor }
    const result = await askPage(connection, method, params, { idleTimeoutMs: timeoutMs, ...(signal && { signal }) })
    const added = result === 'unknown' ? [] : result?.[field]
    if (!Array.isArray(added)) throw new ClientError('broken', `The server answered ${method} without a list of ${field}.`)
    chars += JSON.stringify(added).length
    if (chars > maxChars) return { entries, cutShort: `Only the first pages, up to ${maxChars} characters, were taken.` }
    for (const entry of added) entries.push(entry)
    if (entries.length > maxEntries)
      return { entries: entries.slice(0, maxEntries), cutShort: `Only the first ${maxEntries} ${field} were taken.` }
    const next = result === 'unknown' ? undefined : result?.['nextCursor']
    // An empty string is a valid cursor; only its absence ends the list.
    if (typeof next !== 'string') return { entries, cutShort: undefined }
    if (seen.has(next)) return { entries, cutShort: 'The server repeated a page cursor, so its list was cut there.' }
    seen.add(next)
    cursor = next
  }
  return { entries, cutShort: `Only the first ${maxPages} pages were taken.` }
}

/** A server that has only resources or prompts knows no `tools/list`: that is an empty list, and a sign of life. */
async function askPage(
  connection: Connection,
  method: string,
  params: { cursor: string } | undefined,
  options: RequestOptions,
): Promise<Readonly<Record<string, unknown>> | 'unknown' | null> {
  try {
    return (await connection.request(method, params, options)) as Readonly<Record<string, unknown>> | null
  } catch (thrown) {
    if (thrown instanceof RpcError && thrown.code === RPC.methodNotFound) return 'unknown'
    throw thrown
  }
}
