import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import { belowCursor, type CutPage, containing, cutPage, readInWindows, WINDOW_ROWS } from '../../core/windowed-list.ts'
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
): Promise<CutPage<LineRow>> {
  const found = await readInWindows(
    {
      page({ below, floor, limit: rows }) {
        const fitting = narrowed(candidates(db.selectFrom('line'), filter), filter)
          .selectAll()
          .where('id', '<', below)
        const within = floor === undefined ? fitting : fitting.where('id', '>=', floor)
        return within.orderBy('id', 'desc').limit(rows).execute()
      },
      async windowFloor(below) {
        const query = candidates(db.selectFrom('line'), filter).select('id').where('id', '<', below)
        const last = await query
          .orderBy('id', 'desc')
          .limit(1)
          .offset(WINDOW_ROWS - 1)
          .executeTakeFirst()
        return last?.id
      },
    },
    await upperBound(db, filter, belowCursor(cursor)),
    limit + 1,
  )
  return cutPage(found, limit)
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

async function upperBound(db: Kysely<LogTables>, { until }: LineFilter, newest: number): Promise<number> {
  if (until === undefined) return newest
  const before = db.selectFrom('line').select('id').where('at', '<=', until)
  const last = await before.orderBy('at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return Math.min(newest, (last?.id ?? 0) + 1)
}
