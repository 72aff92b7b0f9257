import { z } from 'zod'

/** Which page of a list to show. */
export const Paging = {
  limit: z.int().min(1).max(200).default(50).describe('How many at most.'),
  cursor: z
    .string()
    .regex(/^\d{1,16}$/, 'Expected the nextCursor of the page before')
    .optional()
    .describe('The nextCursor of the page before.'),
} as const

/** Where a list goes on. */
export const NextCursor = z
  .string()
  .nullable()
  .describe('Ask again with it for older ones, even after a page that is not full; null at the end.')

/** One page of a list, newest first, and where it goes on. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | null
}

/**
 * Cut what was found (one row more than `limit` was wanted) into a page.
 *
 * @param end the id that the search stopped below before it had found enough; `null` when there is nothing further
 */
export function pageOf<Row extends { readonly id: number }>(
  rows: readonly Row[],
  limit: number,
  end: number | null = null,
): Page<Row> {
  if (rows.length > limit) return { rows: rows.slice(0, limit), nextCursor: String(rows[limit - 1]!.id) }
  return { rows, nextCursor: end === null ? null : String(end) }
}

/** The id that a page begins below. */
export const belowCursor = (cursor: string | undefined): number =>
  cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)

/** A pattern for `lower(…) like … escape '\'` that finds what contains a text, in which nothing is special. */
export const containing = (text: string): string => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
