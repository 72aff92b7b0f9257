/** Leading characters that make a spreadsheet take a cell for a formula (also after it dropped control characters). */
const FORMULA = /^[\s\0]*[=+\-@\t\r|%]/

/**
 * One record of CSV (RFC 4180), ended by CRLF.
 *
 * A text that a spreadsheet would run as a formula is given a leading apostrophe; numbers stay numbers.
 */
export const csvLine = (cells: readonly unknown[]): string => `${cells.map(cell).join(',')}\r\n`

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$|^'/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
