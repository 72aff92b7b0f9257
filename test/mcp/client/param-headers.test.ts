import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headerValue } from '../../../src/mcp/client/header-value.ts'
import { headerFaults, paramHeaders, withoutNullParams } from '../../../src/mcp/client/param-headers.ts'

const object = (properties: object): Record<string, unknown> => ({ type: 'object', properties })
const field = (header: unknown, type = 'string'): Record<string, unknown> => ({ type, 'x-mcp-header': header })

describe('the headers of a call', () => {
  it('repeat what the schema says, each from its own place', () => {
    const schema = object({
      region: field('Region'),
      size: field('Size', 'integer'),
      verbose: field('verbose', 'boolean'),
      at: object({ place: field('Place') }),
      plain: { type: 'string' },
    })

    const headers = paramHeaders(schema, { region: 'größe', size: -7, verbose: false, at: { place: 'a b' }, plain: 'x' })

    expect(headers).toEqual({
      'mcp-param-region': '=?base64?Z3LDtsOfZQ==?=',
      'mcp-param-size': '-7',
      'mcp-param-verbose': 'false',
      'mcp-param-place': 'a b',
    })
  })

  it('leave out what is null, absent or not what the schema says', () => {
    const schema = object({ a: field('A'), b: field('B'), c: field('C', 'integer'), d: field('D', 'integer') })

    expect(paramHeaders(schema, { a: null, c: 1.5, d: 2 ** 53 })).toEqual({})
    expect(paramHeaders(schema, 'no object')).toEqual({})
    expect(paramHeaders(object({ toString: field('X') }), {})).toEqual({})
    expect(paramHeaders(object({ a: { type: 'string' } }), { a: 'x' })).toBeUndefined()
  })

  it('are those that a server reads back as they were, whatever the text', () => {
    const decoded = (value: string): string => {
      const inside = /^=\?base64\?(.*)\?=$/s.exec(value)
      return inside === null ? value : Buffer.from(inside[1]!, 'base64').toString()
    }
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      fc.string().map((text) => `=?base64?${text}?=`),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const value = headerValue(text)
        expect(value).toMatch(/^[\x20-\x7e\t]*$/)
        expect(value).toBe(value.trim())
        expect(decoded(value)).toBe(text)
      }),
    )
  })
})

describe('arguments to be judged', () => {
  it('are without the nulls that stand for no header, and with all others', () => {
    const schema = object({ a: field('A'), at: object({ b: field('B'), c: { type: 'null' } }), d: { type: 'null' } })
    const args = { a: null, at: { b: null, c: null }, d: null }

    expect(withoutNullParams(schema, args)).toEqual({ at: { c: null }, d: null })
    expect(args).toEqual({ a: null, at: { b: null, c: null }, d: null })
    expect(withoutNullParams(object({}), args)).toBe(args)
  })
})

describe('a schema', () => {
  it.each([
    ['an empty name', object({ a: field('') })],
    ['a name with a space', object({ a: field('A B') })],
    ['a name beyond ASCII', object({ a: field('Größe') })],
    ['a name that is no text', object({ a: field(7) })],
    ['a number', object({ a: field('A', 'number') })],
    ['an object', object({ a: field('A', 'object') })],
    ['a name twice in different case', object({ a: field('A'), b: field('a') })],
    ['an item of an array', object({ a: { type: 'array', items: field('A') } })],
    ['a choice', object({ a: { anyOf: [field('A')] } })],
    ['a definition', { ...object({}), $defs: { a: field('A') } }],
    ['itself', { ...object({}), ...field('A') }],
    ['a property below an item', object({ a: { type: 'array', items: object({ b: field('A') }) } })],
  ])('must not ask for a header for %s', (_, schema) => {
    expect(headerFaults(schema)).toEqual([expect.stringContaining('x-mcp-header')])
    expect(headerFaults(schema)).toHaveLength(1)
  })

  it.each([
    ['is good', object({ a: field('A'), b: field('B', 'integer') })],
    ['only speaks of a header in data', object({ a: { type: 'object', default: field(''), enum: [field('')] } })],
    ['names a property so', object({ 'x-mcp-header': { type: 'string' } })],
    ['is nothing', {}],
  ])('that %s has no faults', (_, schema) => {
    expect(headerFaults(schema)).toEqual([])
  })

  it('that is nested without end is told off', () => {
    let schema: Record<string, unknown> = {}
    for (let depth = 0; depth < 5_000; depth += 1) schema = { items: schema }

    expect(headerFaults(schema)).toEqual(['The schema is nested more than 100 deep.'])
  })
})
