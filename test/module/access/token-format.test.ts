import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWellFormedToken, newToken, randomText } from '../../../src/module/access/token-format.ts'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

test('a new token has the prefix, 43 digits of secret and 6 of checksum', () => {
  expect(newToken('st')).toMatch(/^st_[0-9A-Za-z]{49}$/)
  expect(newToken('si')).toMatch(/^si_[0-9A-Za-z]{49}$/)
})

test('new tokens are well formed and never the same', () => {
  const tokens = Array.from({ length: 500 }, () => newToken('st'))

  expect(tokens.every((token) => isWellFormedToken(token, 'st'))).toBe(true)
  expect(new Set(tokens).size).toBe(500)
})

test('any one changed digit garbles a token', () => {
  fc.assert(
    fc.property(fc.nat(48), fc.constantFrom(...DIGITS), (position, digit) => {
      const token = newToken('st')
      const at = 3 + position
      fc.pre(token[at] !== digit)

      expect(isWellFormedToken(token.slice(0, at) + digit + token.slice(at + 1), 'st')).toBe(false)
    }),
  )
})

test.each([
  '',
  'st_',
  'sk-live-0123456789',
  'eyJhbGciOiJIUzI1NiJ9.e30.x',
  `st_${'a'.repeat(49)}`,
  `${newToken('st')} `,
  newToken('si'),
])('what is not a token of this kind is told without a look-up: %j', (text) => {
  expect(isWellFormedToken(text, 'st')).toBe(false)
})

test('a made-up password has the length that was asked for, and letters and digits only', () => {
  expect(randomText(20)).toMatch(/^[0-9A-Za-z]{20}$/)
  expect(randomText(20)).not.toBe(randomText(20))
})
