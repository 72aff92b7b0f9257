import { expect, onTestFinished, vi } from 'vitest'
import type { SessionBook } from '../../../src/contract/session-book.ts'
import { openDatabase } from '../../../src/core/database.ts'
import type { McpLimits } from '../../../src/mcp/server/limits.ts'
import { CLIENT_MIGRATIONS, type ClientSchema } from '../../../src/module/client/client.schema.ts'
import { createSessionBook } from '../../../src/module/client/create-session-book.ts'
import { stoppedClock } from './clock.ts'
import { type ServerWorld, serveWorld } from './world.ts'

/** Servers one after the other that keep one book, and what stands in it. */
export async function openProcesses() {
  const { raw, close } = await openDatabase<ClientSchema>({ path: ':memory:', migrations: CLIENT_MIGRATIONS })
  onTestFinished(close)
  const clock = stoppedClock()
  const book = createSessionBook(raw)
  const rows = (): any[] => raw.prepare('select * from session order by seen_at').all() // any: tests look into every column
  return {
    clock,
    book,
    rows,
    start: (limits: Partial<McpLimits> = {}, sessionBook: SessionBook = book): Promise<ServerWorld> =>
      serveWorld({ sessionBook, limits, nowMs: clock.nowMs }),
    /** Until all sessions are written down, as a killed process leaves them. */
    written: (count = 1) => vi.waitFor(() => expect(rows()).toHaveLength(count)),
  }
}
