import { nextTurn } from './next-turn.ts'

/** Rows that are judged per turn of the event loop; about 2 ms. */
export const WINDOW_ROWS = 2_000
/** Rows that are judged per page at most. */
const MAX_ROWS = 100_000

/** How one list is read. */
export interface WindowedQuery<Row> {
  /** Rows that fit, below `below` and from `floor` on where one is given, newest first. */
  page(range: { readonly below: number; readonly floor: number | undefined; readonly limit: number }): Promise<readonly Row[]>
  /**
   * The id of the candidate number `WINDOW_ROWS` below `below`, found by an index alone; `undefined` when fewer are left. Without it an index
   * answers exactly, and there is nothing to judge in vain.
   */
  readonly windowFloor?: (below: number) => Promise<number | undefined>
}

/** Rows that were found, newest first. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  /** The id that the search stopped below before it had found enough; `null` when there is nothing further. */
  readonly end: number | null
}

/**
 * Read the newest `wanted` rows that fit a filter, in windows.
 *
 * A filter that no index answers may have to judge the whole table. It does so a window per turn, so that nobody else waits, and stops after 100 000
 * rows: the page is then not full, and says where to go on.
 */
export async function readInWindows<Row extends { readonly id: number }>(
  { page, windowFloor }: WindowedQuery<Row>,
  newest: number,
  wanted: number,
): Promise<Found<Row>> {
  const rows: Row[] = []
  let below = newest
  for (let judged = 0; judged < MAX_ROWS; judged += WINDOW_ROWS) {
    const floor = await windowFloor?.(below)
    rows.push(...(await page({ below, floor, limit: wanted - rows.length })))
    if (rows.length === wanted || floor === undefined) return { rows, end: null }
    below = floor
    await nextTurn()
  }
  return { rows, end: below }
}

/** One page of a list and where it goes on. */
export interface CutPage<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | null
}

/** Cut what was found (one row more than `limit` was wanted) into a page. */
export function cutPage<Row extends { readonly id: number }>({ rows, end }: Found<Row>, limit: number): CutPage<Row> {
  if (rows.length > limit) return { rows: rows.slice(0, limit), nextCursor: String(rows[limit - 1]!.id) }
  return { rows, nextCursor: end === null ? null : String(end) }
}

/** The id that a page begins below. */
export const belowCursor = (cursor: string | undefined): number =>
  cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)

/** A pattern for `lower(…) like … escape '\'` that finds what contains a text, in which nothing is special. */
export const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
