import { expect, test } from 'vitest'
import { requireShallow } from '../../src/transport/nesting.ts'

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)

test.each([
  ['lists', nested(501)],
  ['objects', `${'{"a":'.repeat(501)}1${'}'.repeat(501)}`],
  ['lists that never end', '['.repeat(5_000)],
  ['lists after a text that ends in a backslash', `["a\\\\",${nested(501)}]`],
])('%s that are nested too deep are refused', (_title, json) => {
  expect(() => requireShallow(json)).toThrow(expect.objectContaining({ code: 'invalid' }))
})

test.each([
  ['as deep as allowed', nested(500)],
  ['flat and long', JSON.stringify(Array.from({ length: 10_000 }, () => [{}]))],
  ['full of brackets in a text', JSON.stringify({ text: '[{'.repeat(5_000) })],
  ['full of brackets after an escaped quote', JSON.stringify({ text: `"\\${'['.repeat(5_000)}` })],
  ['a text without an end', `"${'['.repeat(5_000)}`],
])('a body that is %s passes', (_title, json) => {
  expect(() => requireShallow(json)).not.toThrow()
})
