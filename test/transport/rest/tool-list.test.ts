import { expect, test } from 'vitest'
import type { Tool } from '../../../src/contract/tool.ts'
import { listTools } from '../../../src/transport/rest/tool-list.ts'

function tool(source: string, localName: string, description?: unknown): Tool {
  const name = `${source}__${localName}`
  const definition = {
    name,
    inputSchema: { type: 'object' },
    ...(description !== undefined && { description }),
  } as unknown as Tool['definition']
  const common = { kind: 'dynamic', permit: `tool:${name}`, effect: 'write', idempotent: false } as const
  return { ...common, name, source, localName, definition, parse: (raw) => raw, run: () => Promise.reject(new Error('not run')) }
}

const tools = [
  tool('files', 'list', 'List a folder.'),
  tool('files', 'read', 'Read a file.'),
  tool('web', 'fetch', 'Get a page.'),
]
const names = (list: ReturnType<typeof listTools>): string[] => list.tools.map(({ name }) => name)

test.each([
  ['READ', ['files__read']],
  ['folder', ['files__list']],
  ['web', ['web__fetch']],
  ['nothing like it', []],
])('a search for %j looks into name, source and description, whatever the case', (search, found) => {
  expect(names(listTools(tools, { limit: 10, search }))).toEqual(found)
})

test('a source leaves only its own tools', () => {
  expect(names(listTools(tools, { limit: 10, source: 'files' }))).toEqual(['files__list', 'files__read'])
})

test('pages by cursor show each tool once and end without a cursor', () => {
  const first = listTools(tools, { limit: 2 })
  const second = listTools(tools, { limit: 2, cursor: first.nextCursor })

  expect([...names(first), ...names(second)]).toEqual(['files__list', 'files__read', 'web__fetch'])
  expect(first.total).toBe(3)
  expect(second.nextCursor).toBeUndefined()
})

test('a tool that came between two pages does not shift the second', () => {
  const { nextCursor } = listTools(tools, { limit: 2 })
  const more = [tool('alpha', 'new'), ...tools]

  expect(names(listTools(more, { limit: 2, cursor: nextCursor }))).toEqual(['web__fetch'])
})

test('a description that is not text hides no other tool', () => {
  const odd = tool('odd', 'one', { html: true })

  expect(names(listTools([odd, ...tools], { limit: 10, search: 'o' }))).toContain('odd__one')
})

test('a made-up cursor is refused', () => {
  expect(() => listTools(tools, { limit: 2, cursor: '%%%' })).toThrow(expect.objectContaining({ code: 'invalid' }))
})
