import { describe, expect, test } from 'vitest'
import { hasReference, parseText } from '../../src/core/reference.ts'

describe('a text of the configuration', () => {
  test.each([
    ['secret:github-token', [{ kind: 'secret', name: 'github-token' }]],
    ['env:API_KEY', [{ kind: 'env', name: 'API_KEY' }]],
    ['file:/run/secrets/key', [{ kind: 'file', path: '/run/secrets/key' }]],
    ['command:["pass","show","a b"]', [{ kind: 'command', argv: ['pass', 'show', 'a b'] }]],
    [`Bearer \${secret:github}`, ['Bearer ', { kind: 'secret', name: 'github' }]],
    [`\${ENV:A}:\${FILE:b}!`, [{ kind: 'env', name: 'A' }, ':', { kind: 'file', path: 'b' }, '!']],
    ['literal:secret:github', ['secret:github']],
    ['plain', ['plain']],
    ['', []],
  ])('%j is read', (text, parts) => {
    expect(parseText(text)).toEqual(parts)
  })

  test.each(['file:./data.db', 'file:///data.db', 'file:data.db', 'env:production env', `\${OTHER:x}`, 'a secret:b'])(
    '%j is a value like any other',
    (text) => {
      expect(hasReference(text)).toBe(false)
    },
  )

  test.each(['secret:My Password', 'secret:', 'command:rm -rf /', 'command:[]', 'command:[1]', `x\${secret:NO}`])(
    '%j is refused, without being shown',
    (text) => {
      expect(() => parseText(text)).toThrow(/cannot be read as a reference/)
      expect(() => parseText(text)).not.toThrow(/Password|rm -rf|NO\b/)
    },
  )
})
