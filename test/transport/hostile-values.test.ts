import { beforeAll, expect, test } from 'vitest'
import { modules } from '../../src/module/index.ts'
import { openTestHouse, type TestHouse } from '../support.ts'

const NAMES = modules.flatMap((module) => Object.keys(module.operations).map((key) => `${module.name}_${key}`))

/** Values that have broken programs before. Every field of every operation gets each of them. */
const HOSTILE: readonly unknown[] = [
  '',
  ' ',
  'a\0b',
  '\ud800',
  '\u202e\u200b\ufeff',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  "'; DROP TABLE user; --",
  '%',
  '_%\\',
  '(((((((((((((((((((((a+)+)+)+)+)+',
  '*'.repeat(60),
  'x'.repeat(10_000),
  '9007199254740993',
  -1,
  0.5,
  1e308,
  9_007_199_254_740_991,
  true,
  null,
  [],
  [null],
  ['', ''],
  {},
  JSON.parse('{"hasOwnProperty": 1, "toString": null}'),
]

let house: TestHouse

beforeAll(async () => {
  house = await openTestHouse({ until: 'suite' })
})

test.each(NAMES)('%s takes no value in any field for a bug of its own', async (name) => {
  const installed = house.gatehouse.operations.find((one) => one.name === name)!
  const broken: unknown[] = []

  for (const field of Object.keys(installed.operation.input.shape)) {
    for (const value of HOSTILE) {
      const reply = await house.fetch(`/api/tools/${installed.module}/${installed.key}`, house.adminToken, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ arguments: { ...installed.operation.example.input, [field]: value } }),
      })
      const text = await reply.text()
      if (reply.status === 500) broken.push({ field, value, text })
    }
  }

  expect(broken, JSON.stringify(house.lines.filter(({ level }) => level === 'error').slice(-3), undefined, 1)).toEqual([])
})

test('what was kept of them hurts no list and no page', async () => {
  const reads = house.gatehouse.operations.filter(({ operation }) => operation.effect === 'read')
  const pages = house.gatehouse.pages.map(({ page }) => page.path).filter((path) => !path.includes(':'))

  const calls = reads.map(({ module, key, operation }) =>
    house.fetch(`/api/tools/${module}/${key}`, house.adminToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ arguments: operation.example.input }),
    }),
  )
  const views = pages.map((path) => house.fetch(path, house.adminToken))
  const replies = await Promise.all([...calls, ...views])

  expect(replies.length).toBeGreaterThan(20)
  expect(replies.filter(({ status }) => status === 500).map(({ url }) => url)).toEqual([])
})
