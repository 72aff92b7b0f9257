import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlCommand } from '../../../src/transport/web/curl-command.ts'

const address = 'http://gate.test'
const properties = {
  path: { type: 'string' },
  count: { type: 'integer' },
  edits: { type: 'array' },
  mode: { enum: ['a', 'b'] },
  key: { type: 'string', format: 'password' },
}
const command = (route: string, value: unknown, required: readonly string[] = []) =>
  curlCommand({ schema: { type: 'object', properties, required }, address, route, value })

/** What a shell hands to curl. */
const words = (line: string): readonly string[] =>
  execFileSync('/bin/sh', ['-c', line.replace(/^curl/, "printf '%s\\n'")], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')

test('what must be there stands in it with its own type, to be filled in', () => {
  expect(words(command('POST /tools/files/edit', {}, ['path', 'count', 'edits', 'mode'])).at(-1)).toBe(
    '{"path":"…","count":0,"edits":[],"mode":"a"}',
  )
})

test('what was typed stands in it, whatever it holds, as one word for the shell', () => {
  const path = `it's "quoted" $(reboot) \`x\``

  expect(JSON.parse(words(command('POST /tools/files/edit', { path, count: 7 }, ['path'])).at(-1)!)).toEqual({ path, count: 7 })
})

test('what is secret never does, but for its place', () => {
  const line = command('POST /tools/files/edit', { key: 'hunter2hunter2' }, ['key'])

  expect(line).not.toContain('hunter2')
  expect(line).toContain('"key":"…"')
})

test('a path takes what was typed for its parameters, and a question its arguments', () => {
  expect(words(command('GET /notes/:path', { path: 'a/b', count: 2 }, ['path']))).toEqual([
    '-sS',
    'http://gate.test/api/notes/a%2Fb',
    '-H',
    'Authorization: Bearer YOUR_TOKEN',
    '-G',
    '--data-urlencode',
    'count=2',
  ])
  expect(command('DELETE /notes/:count', {}, ['count'])).toContain("-X DELETE 'http://gate.test/api/notes/:count'")
})
