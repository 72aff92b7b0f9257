import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { belowCursor, containing, type Page, pageOf } from '../../core/paging.ts'
import { belowTime, readInWindows } from '../../core/windowed-list.ts'
import { LEVELS, type Level, type LineRow, type LogTables } from './log.store.ts'

/** What a list is narrowed to; all that are given must hold. */
export interface LineFilter {
  /** This level and above. */
  readonly level?: Level | undefined
  readonly upstream?: string | undefined
  readonly requestId?: string | undefined
  /** When the line was written, ms since the epoch, inclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Part of the event or the fields; case does not matter. */
  readonly search?: string | undefined
}

type Query<Out> = SelectQueryBuilder<LogTables, 'line', Out>

/** Lines that fit a filter, newest first. */
export async function listLines(
  db: Kysely<LogTables>,
  filter: LineFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Page<LineRow>> {
  const found = await readInWindows<LineRow, LogTables, 'line'>(
    {
      candidates: () => candidates(db.selectFrom('line'), filter),
      narrowed: (query) => narrowed(query, filter),
    },
    await belowTime(db.selectFrom('line'), 'at', filter.until, belowCursor(cursor)),
    limit + 1,
  )
  return pageOf(found.rows, limit, found.end)
}

/** What an index answers: request, upstream or errors alone, and a time since when. */
function candidates<Out>(query: Query<Out>, { level, requestId, upstream, since }: LineFilter): Query<Out> {
  const young = since === undefined ? query : query.where('id', '>=', since)
  if (requestId !== undefined) return young.where('request_id', '=', requestId)
  if (upstream !== undefined) return young.where('upstream', '=', upstream)
  return level === 'error' ? young.where('level', '=', LEVELS.error) : young
}

function narrowed<Out>(query: Query<Out>, { level, requestId, upstream, since, until, search }: LineFilter): Query<Out> {
  let fitting = query
  // The sum keeps the planner from reading a range of the index, which it would have to sort by id afterwards.
  if (level !== undefined) fitting = fitting.where(sql<number>`level + 0`, '>=', LEVELS[level])
  if (requestId !== undefined) fitting = fitting.where('request_id', '=', requestId)
  if (upstream !== undefined) fitting = fitting.where('upstream', '=', upstream)
  if (since !== undefined) fitting = fitting.where('at', '>=', since)
  if (until !== undefined) fitting = fitting.where('at', '<=', until)
  if (search === undefined) return fitting
  const columns = ['event', 'fields'] as const
  return fitting.where((where) =>
    where.or(columns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${containing(search)} escape '\\'`)),
  )
}
