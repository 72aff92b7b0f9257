import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, vi } from 'vitest'

/** What a gateway has written down of the sessions of MCP clients in its data folder. */
export function keptSessions(folder: string): string[] {
  const raw = new BetterSqlite3(join(folder, 'data', 'client.sqlite'), { readonly: true })
  try {
    return (raw.prepare('select content from session').all() as { content: string }[]).map(({ content }) => content)
  } finally {
    raw.close()
  }
}

/** Wait until so many are written down, so that a test may kill the gateway. */
export const untilKept = (folder: string, count = 1): Promise<void> =>
  vi.waitFor(() => expect(keptSessions(folder)).toHaveLength(count), { timeout: 5_000, interval: 10 })
