import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesText, durationText, queryText, relativeTime, VIEW_FUNCTIONS } from '../../../src/transport/web/view-functions.ts'
import { openViews } from '../../../src/transport/web/views.ts'

const VIEWS = join(import.meta.dirname, '../../../views')
const NOW = 1_700_000_000_000

test.each([
  [0, 'now'],
  [12_000, '12 s ago'],
  [240_000, '4 min ago'],
  [7_200_000, '2 h ago'],
  [5 * 86_400_000, '5 days ago'],
  [-3 * 86_400_000, 'in 3 days'],
])('says how long ago %d ms are: %s', (distance, text) => {
  expect(relativeTime(NOW - distance, NOW)).toBe(text)
})

test.each([
  [0.4, '0.40 ms'],
  [3.21, '3.2 ms'],
  [37.4, '37 ms'],
  [2_100, '2.1 s'],
  [200_000, '3 min 20 s'],
  [119_800, '2 min'],
  [5_400_000, '1 h 30 min'],
  [86_400_000, '24 h'],
  [250 * 3_600_000, '10 days 10 h'],
  [null, '–'],
])('writes a duration with the unit that suits it: %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [4_096, '4.1 kB'],
  [97_300_000, '97 MB'],
  [2.5e12, '2.5 TB'],
  [undefined, '–'],
])('writes %s bytes with the unit that suits them: %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test('changes one field of an address and keeps the others', () => {
  expect(queryText({ q: 'a b', cursor: '5' }, { cursor: '' })).toBe('?q=a+b')
  expect(queryText({ q: '"<' }, { cursor: 7 })).toBe('?q=%22%3C&cursor=7')
})

test('every view compiles, and none puts anything unescaped into a page', () => {
  const unescaped = globSync('**/*.hbs', { cwd: VIEWS }).filter((file) =>
    /\{\{\{|\{\{&/.test(readFileSync(join(VIEWS, file), 'utf8')),
  )

  openViews(VIEWS).compileAll()

  expect(unescaped).toEqual([])
})

test('no view has inline script or style, which the policy would block', () => {
  const inline = globSync('**/*.hbs', { cwd: VIEWS }).filter((file) =>
    /<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)/.test(readFileSync(join(VIEWS, file), 'utf8')),
  )

  expect(inline).toEqual([])
})

test('a view that does not exist is named', () => {
  expect(() => openViews(VIEWS).render('nothing/here', {})).toThrow('There is no view nothing/here')
})

test('every view function is used by a view', () => {
  const all = globSync('**/*.hbs', { cwd: VIEWS })
    .map((file) => readFileSync(join(VIEWS, file), 'utf8'))
    .join('\n')

  expect(Object.keys(VIEW_FUNCTIONS).filter((name) => !new RegExp(`[{( ]${name}[ })]`).test(all))).toEqual([])
})
