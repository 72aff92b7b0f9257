import { expect, test } from 'vitest'
import { fillPath, safePath } from '../../../src/transport/web/safe-path.ts'

test.each(['/', '/users/7', '/activity?outcome=failed&q=a%20b', '/tools#x', '/a:b@c'])(
  'leads to a page of our own: %s',
  (path) => {
    expect(safePath(path)).toBe(path)
  },
)

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/a\\..\\b',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n//evil.example',
  'javascript:alert(1)',
  'users',
  '',
  '/..//evil.example',
  '/.//evil.example',
  `/${'x'.repeat(3_000)}`,
  undefined,
  ['/users'],
  7,
])('does not lead elsewhere: %j', (given) => {
  expect(safePath(given)).toBe('/')
})

test('puts an answer’s own values into a path, escaped, and leaves what it does not know', () => {
  const answer = { alias: 'a/b', user: { id: 7 }, constructor: undefined }

  expect(fillPath('/upstreams/:alias', answer)).toBe('/upstreams/a%2Fb')
  expect(fillPath('/users/:user.id/edit', answer)).toBe('/users/7/edit')
  expect(fillPath('/x/:nothing/:user.toString', answer)).toBe('/x/:nothing/:user.toString')
})
