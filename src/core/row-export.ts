import { z } from 'zod'
import { csvLine } from './csv.ts'
import { type Page, Paging } from './paging.ts'

const Format = z.enum(['jsonl', 'csv'])

/** What an export is asked for besides its filter. */
export const ExportAsk = {
  format: Format.default('jsonl'),
  limit: z.int().min(1).max(2_000).default(1_000),
  cursor: Paging.cursor,
} as const

/** One page of an export. The texts of all pages put together are one document. */
export const ExportPage = z.object({ format: Format, text: z.string(), rows: z.int(), nextCursor: z.string().nullable() })

/** How the operations of exports explain themselves. */
export const EXPORT_DESCRIPTION =
  'Put the texts of all pages together. In CSV, texts that a spreadsheet would run as a formula begin with an apostrophe.'

/** Longest text of one page, in characters. */
const MAX_CHARS = 400_000

interface Ask {
  readonly format: z.output<typeof Format>
  readonly cursor?: string | undefined
}

/** A page of rows as text: one JSON object per line, or CSV whose first page begins with the names of the columns. */
export function exportPage(
  { rows, nextCursor }: Page<Readonly<Record<string, unknown>> & { readonly id: number }>,
  columns: readonly string[],
  { format, cursor }: Ask,
): z.output<typeof ExportPage> {
  let text = format === 'csv' && cursor === undefined ? csvLine(columns) : ''
  let taken = 0
  for (const row of rows) {
    if (text.length >= MAX_CHARS) break
    text += format === 'csv' ? csvLine(columns.map((column) => row[column])) : `${JSON.stringify(row)}\n`
    taken += 1
  }
  return { format, text, rows: taken, nextCursor: taken < rows.length ? String(rows[taken - 1]!.id) : nextCursor }
}
