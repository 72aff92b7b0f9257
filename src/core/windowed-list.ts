import { type SelectQueryBuilder, sql } from 'kysely'
import { nextTurn } from './next-turn.ts'

/** Rows that are judged per turn of the event loop; about 2 ms. */
const WINDOW_ROWS = 2_000
/** Rows that are judged per page at most. */
const MAX_ROWS = 100_000

/** How a table is read whose ids are creation times. */
export interface WindowedQuery<DB, Table extends keyof DB> {
  /** What an index answers. */
  candidates(): SelectQueryBuilder<DB, Table, object>
  /** What of the candidates fits. */
  narrowed(candidates: SelectQueryBuilder<DB, Table, object>): SelectQueryBuilder<DB, Table, object>
  /** Whether an index answers exactly, so that there is nothing to judge in vain. Default `false`. */
  readonly isIndexed?: boolean
}

/** Rows that were found, newest first. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  /** The id that the search stopped below before it had found enough; `null` when there is nothing further. */
  readonly end: number | null
}

const id = sql.ref<number>('id')

/**
 * Read the newest `wanted` rows that fit a filter, in windows.
 *
 * A filter that no index answers may have to judge the whole table. It does so a window per turn, so that nobody else waits, and stops after 100 000
 * rows: the page is then not full, and says where to go on.
 *
 * @param newest the id that the search begins below
 */
export async function readInWindows<Row extends { readonly id: number }, DB, Table extends keyof DB>(
  query: WindowedQuery<DB, Table>,
  newest: number,
  wanted: number,
): Promise<Found<Row>> {
  const rows: Row[] = []
  let below = newest
  for (let judged = 0; judged < MAX_ROWS; judged += WINDOW_ROWS) {
    const floor = query.isIndexed ? undefined : await windowFloor(query, below)
    rows.push(...(await readWindow<Row, DB, Table>(query, below, floor, wanted - rows.length)))
    if (rows.length === wanted || floor === undefined) return { rows, end: null }
    below = floor
    await nextTurn()
  }
  return { rows, end: below }
}

async function readWindow<Row, DB, Table extends keyof DB>(
  { candidates, narrowed }: WindowedQuery<DB, Table>,
  below: number,
  floor: number | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const fitting = narrowed(candidates()).where(id, '<', below)
  const within = floor === undefined ? fitting : fitting.where(id, '>=', floor)
  return (await within.selectAll().orderBy(id, 'desc').limit(limit).execute()) as Row[]
}

/** The id of the candidate number `WINDOW_ROWS` below `below`, found by an index alone; `undefined` when fewer are left. */
async function windowFloor<DB, Table extends keyof DB>(
  { candidates }: WindowedQuery<DB, Table>,
  below: number,
): Promise<number | undefined> {
  const query = candidates().select(id.as('id')).where(id, '<', below)
  const last = query
    .orderBy(id, 'desc')
    .limit(1)
    .offset(WINDOW_ROWS - 1)
  return idOf(await last.executeTakeFirst())
}

/**
 * The id below which everything was written by a time, or `newest` where that comes first.
 *
 * @param rows the table
 * @param time name of the column of the time, which has an index
 * @param until ms since the epoch, inclusive; undefined for no bound
 */
export async function belowTime<DB, Table extends keyof DB>(
  rows: SelectQueryBuilder<DB, Table, object>,
  time: string,
  until: number | undefined,
  newest: number,
): Promise<number> {
  if (until === undefined) return newest
  const at = sql.ref<number>(time)
  const before = rows.select(id.as('id')).where(at, '<=', until)
  const last = before.orderBy(at, 'desc').orderBy(id, 'desc').limit(1)
  return Math.min(newest, (idOf(await last.executeTakeFirst()) ?? 0) + 1)
}

/** Types of queries over any table say nothing of their rows. */
const idOf = (row: unknown): number | undefined => (row as { readonly id: number } | undefined)?.id
