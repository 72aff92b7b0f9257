import { csvLine } from './csv.ts'

/** Formats that rows can be exported in. */
export const EXPORT_FORMATS = ['jsonl', 'csv'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Longest text of one page, in characters. */
const MAX_CHARS = 400_000

/** One page of an export. */
export interface ExportPage {
  readonly text: string
  /** Rows in the text; fewer than were given where the text became too long. */
  readonly rows: number
}

/**
 * Rows as text: one JSON object per line, or CSV whose first page begins with the names of the columns.
 *
 * Pages of one export put together are one document.
 */
export function exportRows(
  rows: readonly Readonly<Record<string, unknown>>[],
  { format, columns, first }: { readonly format: ExportFormat; readonly columns: readonly string[]; readonly first: boolean },
): ExportPage {
  let text = format === 'csv' && first ? csvLine(columns) : ''
  let taken = 0
  for (const row of rows) {
    if (text.length >= MAX_CHARS) break
    text += format === 'csv' ? csvLine(columns.map((column) => row[column])) : `${JSON.stringify(row)}\n`
    taken += 1
  }
  return { text, rows: taken }
}
