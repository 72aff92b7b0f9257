/** Rows as an aligned Markdown table, columns in the order of the first row. */
export function markdownTable(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const widths = names.map((name) => Math.max(name.length, 3, ...rows.map((row) => row[name]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const body = rows.map((row) => line(names.map((name) => row[name] ?? '')))
  return [line(names), line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}
