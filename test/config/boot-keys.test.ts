import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readBootKeys, writeBootKeys } from '../../src/config/boot-keys.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'))
  file = join(folder, 'data', 'keys.env')
})
afterEach(() => rmSync(folder, { recursive: true }))

const good = { SECRET_KEY_BASE: 's'.repeat(32), COOKIE_SALT: 'c'.repeat(32), ACCESS_CONTROL_KEY: 'a'.repeat(32) }

test('new keys lie in a file that only its owner can read, and are never replaced', () => {
  expect(writeBootKeys(file)).toBe(true)
  const written = readFileSync(file, 'utf8')

  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(writeBootKeys(file)).toBe(false)
  expect(readFileSync(file, 'utf8')).toBe(written)
  const keys = readBootKeys({}, file)
  expect(new Set(Object.values(keys)).size).toBe(3)
})

test('the environment wins over the file', () => {
  writeBootKeys(file)

  expect(readBootKeys(good, file)).toEqual(good)
})

test.each(['SECRET_KEY_BASE', 'COOKIE_SALT', 'ACCESS_CONTROL_KEY'])(
  'a missing or short %s is refused, and its value is not shown',
  (name) => {
    expect(() => readBootKeys({ ...good, [name]: undefined }, file)).toThrow(new RegExp(`^${name} is missing: .*gatehouse init`))
    expect(() => readBootKeys({ ...good, [name]: 'tooshort' }, file)).toThrow(
      new RegExp(`^${name} has 8 characters; at least 32 were expected`),
    )
    expect(() => readBootKeys({ ...good, [name]: 'tooshort' }, file)).not.toThrow(/tooshort/)
  },
)

test('a keys file that others can read is refused', () => {
  writeBootKeys(file)
  chmodSync(file, 0o644)

  expect(() => readBootKeys({}, file)).toThrow(/mode 644\); 600 was expected\. Run chmod 600/)
})
