import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob } from '../../../src/core/glob.ts'
import { compileKeys, heldUntil, intersect } from '../../../src/module/access/key-set.ts'

const NEVER = Number.POSITIVE_INFINITY
const keysOf = (...keys: string[]) => compileKeys(keys.map((key) => ({ key, expiresAt: NEVER })))

const key = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 })
const held = fc.array(
  fc.tuple(fc.boolean(), key).map(([takes, text]) => (takes ? `!${text}` : text)),
  { maxLength: 5 },
)
const plain = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 })

test.each([
  [['*'], 'alarm.write', true],
  [['*'], 'tool:files__read', true],
  [['tool:*'], 'alarm.write', false],
  [['tool:*'], 'tool:files__read', true],
  [['tool:files__*'], 'tool:github__push', false],
  [['*.read'], 'upstream.read', true],
  [['*.read'], 'upstream.write', false],
  [['alarm.write'], 'alarm.write', true],
  [['alarm.write'], 'alarm.writer', false],
  [[], 'alarm.write', false],
  [['*', '!tool:shell__*'], 'tool:shell__run', false],
  [['*', '!tool:shell__*'], 'tool:files__read', true],
  [['tool:shell__run', '!*'], 'tool:shell__run', false],
  [['!tool:x'], 'tool:y', false],
  [['resource:docs__*'], 'resource:docs__file:///a*b', true],
  [['resource:docs__file:///a*'], 'resource:docs__file:///b', false],
  [['resource:*'], 'resource.read', false],
  [['resource:*'], 'prompt:docs__review', false],
  [['*'], 'resource:docs__file:///a', true],
  [['**'], 'resource:docs__file:///a', true],
  [['*.read'], 'resource:docs__file:///etc/passwd#.read', false],
  [['r*'], 'resource:docs__file:///a', false],
  [['*:docs__*'], 'prompt:docs__review', false],
  [['resource*'], 'resource:*', false],
  [['resource:*', '!*secret*'], 'resource:docs__file:///secret.txt', false],
])('%j allows %s: %s', (keys, asked, expected) => {
  expect(keysOf(...keys).allows(asked)).toBe(expected)
})

test('a glob is held only where all of it is', () => {
  const set = keysOf('tool:*', '!tool:shell__*')

  expect(set.allows('tool:files__*')).toBe(true)
  expect(set.allows('tool:*')).toBe(false)
  expect(set.allows('*')).toBe(false)
})

test('whoever is allowed a glob is allowed all that it gives, of prompts and resources too', () => {
  const step = fc.constantFrom('*', 'prompt:', 'p', 'x')
  const text = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join(''))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, text, (keys, glob, candidate) => {
      const set = keysOf(...keys)
      fc.pre(set.allows(glob) && keysOf(glob).allows(candidate))

      expect(set.allows(candidate)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('whoever is allowed a glob is allowed all that it fits', () => {
  fc.assert(
    fc.property(held, key, plain, (keys, glob, candidate) => {
      const set = keysOf(...keys)
      fc.pre(set.allows(glob) && compileGlob(glob)(candidate))

      expect(set.allows(candidate)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a set expires with its earliest key, and a key with the last of those that give it', () => {
  const set = compileKeys([
    { key: 'tool:*', expiresAt: 100 },
    { key: 'tool:a', expiresAt: 200 },
    { key: 'b.read', expiresAt: NEVER },
  ])

  expect(set.expiresAt).toBe(100)
  expect(set.heldUntil('tool:a')).toBe(200)
  expect(set.heldUntil('tool:b')).toBe(100)
  expect(set.heldUntil('b.read')).toBe(NEVER)
  expect(set.heldUntil('c.read')).toBe(0)
})

test('an intersection allows what all of its sets allow, and holds it as long as the first to end', () => {
  const both = intersect([keysOf('tool:*', 'a.read'), compileKeys([{ key: 'tool:x*', expiresAt: 50 }])])

  expect(both.allows('tool:xy')).toBe(true)
  expect(both.allows('tool:y')).toBe(false)
  expect(both.allows('a.read')).toBe(false)
  expect(both.expiresAt).toBe(50)
  expect(heldUntil(both, 'tool:xy')).toBe(50)
})

test('the grants of a caller from elsewhere count by their earliest expiry', () => {
  expect(heldUntil({ allows: (asked) => asked === 'a.read', expiresAt: 70 }, 'a.read')).toBe(70)
  expect(heldUntil({ allows: () => false, expiresAt: 70 }, 'a.read')).toBe(0)
})
