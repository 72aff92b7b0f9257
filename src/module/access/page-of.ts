/** One page of a list, newest first, and where it goes on. */
export interface PageOf<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | null
}

/** Cut one row more than the page holds (`limit + 1` were asked for) into the page and its cursor. */
export function pageOf<Row extends { readonly id: number }>(rows: readonly Row[], limit: number): PageOf<Row> {
  const page = rows.slice(0, limit)
  return { rows: page, nextCursor: rows.length > limit ? String(page.at(-1)!.id) : null }
}

/** The id that a page begins below. */
export const belowId = (cursor: string | undefined): number => (cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor))

/** A text for `like … escape '\'` that finds what contains another, in which nothing is special. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`
