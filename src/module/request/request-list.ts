import { type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { AuthPath } from '../../contract/caller.ts'
import { belowCursor, containing, type Page, pageOf } from '../../core/paging.ts'
import { belowTime, readInWindows } from '../../core/windowed-list.ts'
import type { RequestRow, RequestTables } from './request.store.ts'

/** What a list is narrowed to; all that are given must hold. */
export interface RequestFilter {
  readonly caller?: string | undefined
  readonly method?: string | undefined
  readonly status?: number | undefined
  /** `4` for 400 to 499. */
  readonly statusClass?: number | undefined
  readonly authPath?: AuthPath | undefined
  /** When the request came, ms since the epoch, inclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Part of the path, the request id, the caller's name, the address or the user agent; case does not matter. */
  readonly search?: string | undefined
}

type Query<Out> = SelectQueryBuilder<RequestTables, 'request', Out>

/** Requests that fit a filter, newest first. */
export async function listRequests(
  db: Kysely<RequestTables>,
  filter: RequestFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Page<RequestRow>> {
  const found = await readInWindows<RequestRow, RequestTables, 'request'>(
    {
      candidates: () => candidates(db.selectFrom('request'), filter),
      narrowed: (query) => narrowed(query, filter),
    },
    await belowTime(db.selectFrom('request'), 'at', filter.until, belowCursor(cursor)),
    limit + 1,
  )
  return pageOf(found.rows, limit, found.end)
}

/** What an index answers: caller or status, and a time that it came since. */
function candidates<Out>(query: Query<Out>, { caller, status, since }: RequestFilter): Query<Out> {
  const young = since === undefined ? query : query.where('id', '>=', since)
  if (caller !== undefined) return young.where('caller_id', '=', caller)
  return status === undefined ? young : young.where('status', '=', status)
}

function narrowed<Out>(query: Query<Out>, filter: RequestFilter): Query<Out> {
  const { method, status, statusClass, authPath, since, until, search } = filter
  let fitting = query
  if (status !== undefined) fitting = fitting.where('status', '=', status)
  if (statusClass !== undefined) {
    // The sum keeps the planner from reading a range of the index, which it would have to sort by id afterwards.
    const number = sql<number>`status + 0`
    fitting = fitting.where(number, '>=', statusClass * 100).where(number, '<', (statusClass + 1) * 100)
  }
  if (method !== undefined) fitting = fitting.where('method', '=', method)
  if (authPath !== undefined) fitting = fitting.where('auth_path', '=', authPath)
  if (since !== undefined) fitting = fitting.where('at', '>=', since)
  if (until !== undefined) fitting = fitting.where('at', '<=', until)
  if (search === undefined) return fitting
  const columns = ['path', 'request_id', 'caller_name', 'address', 'user_agent'] as const
  return fitting.where((where) =>
    where.or(columns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${containing(search)} escape '\\'`)),
  )
}
