import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dropOlderWraps, readRootKey, wrapRootKey } from '../../src/config/root-key.ts'

const [FIRST, SECOND, THIRD] = ['1'.repeat(40), '2'.repeat(40), '3'.repeat(40)] as const

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-root-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (): string => join(folder, 'root-key.json')

test('the root key of an installation that never rotated is its ACCESS_CONTROL_KEY', () => {
  expect(readRootKey(folder, FIRST)).toBe(FIRST)
})

test('it stays what it was over rotations, under both keys until the older one is dropped', () => {
  wrapRootKey(folder, FIRST, SECOND)
  expect([readRootKey(folder, FIRST), readRootKey(folder, SECOND)]).toEqual([FIRST, FIRST])
  dropOlderWraps(folder, SECOND)
  expect(() => readRootKey(folder, FIRST)).toThrow(/is not the one/)

  wrapRootKey(folder, SECOND, THIRD)
  dropOlderWraps(folder, THIRD)

  expect(readRootKey(folder, THIRD)).toBe(FIRST)
  expect(() => readRootKey(folder, SECOND)).toThrow(/is not the one/)
})

test('a start under the older key leaves the one that is to follow alone', () => {
  wrapRootKey(folder, FIRST, SECOND)

  dropOlderWraps(folder, FIRST)

  expect(readRootKey(folder, SECOND)).toBe(FIRST)
})

test('it is written for its owner alone, and holds no key in the clear', () => {
  wrapRootKey(folder, FIRST, SECOND)

  const text = readFileSync(path(), 'utf8')
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  for (const key of [FIRST, SECOND]) {
    expect(text).not.toContain(key)
    expect(text).not.toContain(Buffer.from(key).toString('base64').slice(0, 20))
  }
})

test.each(['', '{}', 'no JSON', '{"version":2,"wraps":[]}'])('a file of %j refuses the start', (text) => {
  writeFileSync(path(), text)

  expect(() => readRootKey(folder, FIRST)).toThrow(/was changed and cannot be read/)
})

test('a wrap that was changed opens nothing', () => {
  wrapRootKey(folder, FIRST, SECOND)
  const file = JSON.parse(readFileSync(path(), 'utf8'))
  for (const wrap of file.wraps) wrap.sealed = Buffer.from(wrap.sealed, 'base64').fill(7, 0, 1).toString('base64')
  writeFileSync(path(), JSON.stringify(file))

  expect(() => readRootKey(folder, FIRST)).toThrow(/is not the one/)
})
