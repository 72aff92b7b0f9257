import { expect, test } from 'vitest'
import { TurnLine } from '../../queue/pump/turn-line.ts'

const lineOf = (...items: string[]): TurnLine<string> => {
  const line = new TurnLine<string>((item) => item[0]!)
  for (const item of items) line.add(item)
  return line
}

test('all that fits is taken, each token in its order', () => {
  const line = lineOf('a1', 'a2', 'b1')

  expect(line.take(9).sort()).toEqual(['a1', 'a2', 'b1'])
  expect([line.size, line.tokens, line.take(9)]).toEqual([0, 0, []])
})

test('a token that brings much leaves room for one that brings little', () => {
  const line = lineOf('a1', 'a2', 'a3', 'a4', 'a5', 'b1')

  expect(line.take(4)).toEqual(['a1', 'a2', 'b1', 'a3'])
  expect([line.size, line.tokens]).toEqual([2, 1])
  expect(line.take(4)).toEqual(['a4', 'a5'])
})

test('where there are more tokens than may be taken, those that were left out come first', () => {
  const line = lineOf('a1', 'a2', 'b1', 'c1')

  expect(line.take(2)).toEqual(['a1', 'b1'])
  expect(line.take(2)).toEqual(['c1', 'a2'])
})
