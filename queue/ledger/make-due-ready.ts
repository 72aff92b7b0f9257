import type { Desk } from './desk.ts'

/** Most that one batch takes, so that the batch stays short; the rest is due at once again. */
const MOST_AT_ONCE = 1_000

/** Scheduled jobs whose time has come stand in line. */
export function makeDueReady({ sql, standing }: Desk, nowMs: number): void {
  if (standing.dueAt === undefined || standing.dueAt > nowMs) return
  for (const { id, token, level, priority } of sql.due.all(nowMs, MOST_AT_ONCE)) {
    sql.makeReady.run(id)
    const line = standing.line(token, level, priority)
    standing.leaveScheduled(line.place, level)
    standing.enterReady(line, id)
  }
  standing.dueAt = sql.dueAt.get() ?? undefined
}
