import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../src/core/csv.ts'

/** A reader of RFC 4180, written from the RFC alone. */
function readLine(line: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let index = 0; index < line.length; index += 1) {
    const char = line[index]!
    if (quoted && char === '"' && line[index + 1] === '"') {
      cell += '"'
      index += 1
    } else if (char === '"') quoted = !quoted
    else if (char === ',' && !quoted) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  return [...cells, cell.replace(/\r\n$/, '')]
}

test.each(['=1+1', '+1', '-1+cmd', '@SUM(A1)', '\t=1', '\r=1', ' =1', '\n=1', '|calc', '%x', '=HYPERLINK("http://x","y")'])(
  'a text that a spreadsheet would run is made harmless: %j',
  (text) => {
    expect(readLine(csvLine([text]))[0]).toBe(`'${text}`)
  },
)

test('numbers stay numbers, also negative ones, and nothing stays nothing', () => {
  expect(csvLine([-1.5, 0, null, undefined, true])).toBe('-1.5,0,,,true\r\n')
})

test('every record is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 }), (cells) => {
      const read = readLine(csvLine(cells))

      expect(read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell))).toEqual(cells)
      expect(read.every((cell) => !/^[=+\-@]/.test(cell))).toBe(true)
    }),
  )
})
