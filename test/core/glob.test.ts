import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob, globsOverlap } from '../../src/core/glob.ts'

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
const asRegExp = (glob: string): RegExp => new RegExp(`^${glob.replaceAll('*', '.*')}$`)

test('a glob fits what its stars, read as any run of characters, fit', () => {
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      expect(compileGlob(glob)(candidate)).toBe(asRegExp(glob).test(candidate))
    }),
    { numRuns: 500 },
  )
})

test('a glob that fits a glob fits all that one fits', () => {
  fc.assert(
    fc.property(pattern, pattern, text, (wide, narrow, candidate) => {
      fc.pre(compileGlob(wide)(narrow) && compileGlob(narrow)(candidate))

      expect(compileGlob(wide)(candidate)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('two globs that fit the same text overlap', () => {
  fc.assert(
    fc.property(pattern, pattern, text, (a, b, candidate) => {
      fc.pre(compileGlob(a)(candidate) && compileGlob(b)(candidate))

      expect(globsOverlap(a, b)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['a*', 'b*', false],
  ['a*', '*b', true],
  ['*.read', 'upstream.*', true],
  ['tool:*', '*.read', true],
  ['tool:files__*', 'tool:github__*', false],
  ['', '*', true],
  ['', 'a', false],
])('%j and %j overlap: %s', (a, b, expected) => {
  expect(globsOverlap(a, b)).toBe(expected)
  expect(globsOverlap(b, a)).toBe(expected)
})

test('nothing but the star is special', () => {
  expect(compileGlob('a.c')('abc')).toBe(false)
  expect(compileGlob('tool:a?[b]')('tool:a?[b]')).toBe(true)
})

test('a hostile pattern is judged in no time', () => {
  expect(compileGlob(`${'*a'.repeat(200)}b`)('a'.repeat(100_000))).toBe(false)
})
