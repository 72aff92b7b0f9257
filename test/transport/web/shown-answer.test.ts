import { expect, test } from 'vitest'
import { jsonTokens } from '../../../src/transport/web/json-tokens.ts'
import { shownAnswer } from '../../../src/transport/web/shown-answer.ts'

const blocks = (...content: object[]) => shownAnswer({ kind: 'relay', result: { content: content as never } }).blocks

test('shows text as text, a raster image as an image, and whatever else as JSON', () => {
  const shown = blocks(
    { type: 'text', text: '<b>' },
    { type: 'image', data: 'aGk=', mimeType: 'image/png' },
    { type: 'hologram', depth: 3 },
  )

  expect(shown).toEqual([
    { kind: 'text', text: '<b>' },
    { kind: 'image', address: 'data:image/png;base64,aGk=', type: 'image/png' },
    { kind: 'json', title: 'hologram', text: '{\n  "type": "hologram",\n  "depth": 3\n}' },
  ])
})

test.each([
  ['an SVG, which can carry script', { type: 'image', data: 'aGk=', mimeType: 'image/svg+xml' }],
  ['HTML that calls itself an image', { type: 'image', data: 'aGk=', mimeType: 'text/html' }],
  ['a type that would end the address', { type: 'image', data: 'aGk=', mimeType: 'image/png;x,"' }],
  ['data that is not base64', { type: 'image', data: '"><script>', mimeType: 'image/png' }],
  ['an image without data', { type: 'image', mimeType: 'image/png' }],
  ['a resource', { type: 'resource', resource: { uri: 'javascript:alert(1)' } }],
])('never makes an address of %s', (_, block) => {
  expect(blocks(block)).toMatchObject([{ kind: 'json' }])
})

test('tells an error of the tool from success, and survives content that is no list', () => {
  expect(shownAnswer({ kind: 'relay', result: { isError: true } })).toEqual({
    outcome: 'tool_error',
    blocks: [],
    structured: undefined,
  })
  expect(shownAnswer({ kind: 'relay', result: { content: 'odd' as never, structuredContent: { a: 1 } } })).toMatchObject({
    outcome: 'ok',
    blocks: [],
    structured: '{\n  "a": 1\n}',
  })
  expect(blocks(null as never)).toEqual([{ kind: 'json', title: 'block', text: 'null' }])
})

test('cuts a text that no browser should be given whole, and says so', () => {
  const [block] = blocks({ type: 'text', text: 'x'.repeat(300_000) })

  expect(block).toMatchObject({ kind: 'text', text: expect.stringContaining('100000 more characters') })
})

test.each(['{"a": [1, -2.5e3, true, null, "x\\"y: z"]}', '', 'no json at all', '"open', `"${'x'.repeat(50_000)}"`])(
  'colours JSON without changing a letter: %.30s',
  (text) => {
    expect(
      jsonTokens(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text)
  },
)

test('tells keys from strings', () => {
  expect(jsonTokens('{"a": "b"}').filter(({ kind }) => kind !== 'plain')).toEqual([
    { kind: 'key', text: '"a"' },
    { kind: 'string', text: '"b"' },
  ])
})
