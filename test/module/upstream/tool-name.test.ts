import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAlias } from '../../../src/module/upstream/alias.ts'
import { toolName } from '../../../src/module/upstream/tool-name.ts'

const prefixes = fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,30}$/))

describe('the name of a tool', () => {
  it('is what the server calls it behind the prefix, where that fits', () => {
    expect(toolName('files', 'read_file')).toEqual({ localName: 'read_file', name: 'files__read_file' })
    expect(toolName('files', 'a__b')).toEqual({ localName: 'a__b', name: 'files__a__b' })
    expect(toolName('', 'read_file')).toEqual({ localName: 'read_file', name: 'read_file' })
  })

  it('always fits the catalog, whatever the server calls it', () => {
    fc.assert(
      fc.property(prefixes, fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }), (prefix, remote) => {
        expect(toolName(prefix, remote).name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
      }),
    )
  })

  it('is the same every time, and two for two names that look alike', () => {
    expect(toolName('a', 'x y')).toEqual(toolName('a', 'x y'))
    expect(toolName('a', 'x y').name).not.toBe(toolName('a', 'x_y').name)
    expect(toolName('a', 'x y').name).not.toBe(toolName('a', 'x/y').name)
    expect(toolName('a', `${'n'.repeat(200)}1`).name).not.toBe(toolName('a', `${'n'.repeat(200)}2`).name)
  })
})

describe('an alias made from the name of another program', () => {
  it.each([
    ['My Server', 'my-server'],
    ['__github__', 'github'],
    ['a'.repeat(50), 'a'.repeat(31)],
    ['größe', 'gr-e'],
  ])('%s becomes %s', (name, alias) => {
    expect(toAlias(name)).toBe(alias)
  })
})
