import { expect, test } from 'vitest'
import { lineDiff } from '../../../src/module/function/line-diff.ts'

const shown = (before: string, after: string) => lineDiff(before, after)?.map(({ sign, text }) => sign + text)

test.each([
  ['nothing changed', 'a\nb', 'a\nb', [' a', ' b']],
  ['a line was added', 'a\nc', 'a\nb\nc', [' a', '+b', ' c']],
  ['a line was taken out', 'a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['a line was changed', 'a\nb\nc', 'a\nB\nc', [' a', '-b', '+B', ' c']],
  ['lines moved', 'a\nb\nc', 'b\nc\na', ['-a', ' b', ' c', '+a']],
  ['everything is new', '', 'a', ['-', '+a']],
])('the difference says it where %s', (_, before, after, lines) => {
  expect(shown(before, after)).toEqual(lines)
})

test('a difference gives both texts back', () => {
  const before = 'one\ntwo\nthree\nfour\nfive\ntwo'
  const after = 'zero\ntwo\nthree\nfive\nfive\none'
  const diff = lineDiff(before, after)!

  const textOf = (...signs: string[]) => diff.flatMap(({ sign, text }) => (signs.includes(sign) ? [text] : [])).join('\n')

  expect(textOf(' ', '-')).toBe(before)
  expect(textOf(' ', '+')).toBe(after)
})

test('texts that differ over too many lines are not compared', () => {
  const lines = (mark: string) => Array.from({ length: 3_000 }, (_, index) => `${mark}${index}`).join('\n')

  expect(lineDiff(lines('a'), lines('b'))).toBeUndefined()
})

test('long lines that differ at their ends only take hardly longer than short ones', () => {
  const lines = (width: number, mark: string) =>
    Array.from({ length: 1_990 }, (_, index) => `${'x'.repeat(width)}${mark}${index % 7}`).join('\n')
  const quickest = (width: number) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const before = performance.now()
        expect(lineDiff(lines(width, 'a'), lines(width, 'b'))).toHaveLength(3_980)
        return performance.now() - before
      }),
    )

  expect(quickest(480)).toBeLessThan(3 * quickest(0) + 50)
})
