import { describe, expect, it } from 'vitest'
import { createArgumentJudge } from '../../../src/core/schema/argument-judge.ts'
import { schemaGap } from '../../../src/core/schema/schema-gap.ts'
import { schemaLoop } from '../../../src/core/schema/schema-loop.ts'

const faultOf = (schema: object, args: unknown): any => {
  try {
    createArgumentJudge(schema as never)(args)
  } catch (thrown) {
    return thrown
  }
  return undefined
}

describe('a schema that runs in a circle', () => {
  it.each([
    ['to itself', { $ref: '#' }],
    ['over definitions', { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }],
    ['through allOf', { allOf: [{ $ref: '#' }] }],
    ['through if', { properties: { a: { if: { $ref: '#/properties/a' } } } }],
    ['by an anchor', { $defs: { a: { $anchor: 'here', anyOf: [{ $ref: '#here' }] } } }],
  ])('is found: %s', (_, schema) => {
    expect(schemaLoop(schema)).toContain('circle')
  })

  it('is none where it goes down into the value', () => {
    const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' }, list: { items: { $ref: '#' } } } }

    expect(schemaLoop(tree)).toBeUndefined()
    expect(faultOf(tree, { left: { right: 7 } })).toMatchObject({ code: 'invalid', details: [{ path: '/left/right' }] })
  })

  it('nor is one that is used twice', () => {
    const shared = {
      $defs: { id: { type: 'string' } },
      allOf: [{ properties: { a: { $ref: '#/$defs/id' } } }, { properties: { b: { $ref: '#/$defs/id' } } }],
    }

    expect(schemaLoop(shared)).toBeUndefined()
  })

  it('is refused as well where it is too deep', () => {
    let deep: object = {}
    for (let level = 0; level < 10_000; level += 1) deep = { items: deep }

    expect(schemaLoop(deep)).toContain('deeper')
  })
})

describe('a schema that would take for ever', () => {
  it('is stopped in time where each level of the value doubles the work', () => {
    const next = { properties: { a: { $ref: '#' } } }
    let args: object = {}
    for (let level = 0; level < 24; level += 1) args = { a: args }

    expect(faultOf({ type: 'object', allOf: [next, next] }, args)).toMatchObject({ message: expect.stringContaining('250 ms') })
  })

  it.each([
    ['a recursive reference', { $recursiveRef: '#' }],
    ['a mark of the validator’s own', { $ref: '#/$defs/leaf', __absolute_ref__: 'https://github.com/cfworker' }],
  ])('is stopped in time where %s doubles it', (_, below) => {
    const next = { properties: { a: below } }
    let args: object = {}
    for (let level = 0; level < 24; level += 1) args = { a: args }

    const fault = faultOf({ type: 'object', $defs: { leaf: {} }, allOf: [next, next] }, args)
    expect(fault).toMatchObject({ message: expect.stringContaining('250 ms') })
  })

  it('is stopped in time where definitions double the work without a circle', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 24 }, (_, level) => {
        const next = { properties: { a: { $ref: `#/$defs/d${level + 1}` } } }
        return [`d${level}`, { allOf: [next, next] }]
      }),
    )
    let args: object = {}
    for (let level = 0; level < 24; level += 1) args = { a: args }

    const fault = faultOf({ $ref: '#/$defs/d0', $defs: { ...$defs, d24: {} } }, args)
    expect(fault).toMatchObject({ message: expect.stringContaining('250 ms') })
  })

  it('is stopped in time where many values meet many alternatives', () => {
    const anyOf = Array.from({ length: 4_000 }, (_, index) => ({ const: `c${index}` }))

    const fault = faultOf({ properties: { list: { items: { anyOf } } } }, { list: Array.from({ length: 1_900 }, () => 'none') })
    expect(fault).toMatchObject({ message: expect.stringContaining('250 ms') })
  })

  const pairs = (levels: number): object => {
    const $defs: Record<string, object> = { [`d${levels}`]: { type: 'object' } }
    for (let level = 0; level < levels; level += 1) {
      const next = { $ref: `#/$defs/d${level + 1}` }
      $defs[`d${level}`] = { allOf: [next, next] }
    }
    return { $ref: '#/$defs/d0', $defs }
  }

  it('is found where references multiply', () => {
    expect(schemaLoop(pairs(40))).toContain('more than 20000 schemas')
    expect(schemaLoop(pairs(5))).toBeUndefined()
  })

  it('is looked through in a moment, however many references it has', () => {
    const properties = Object.fromEntries(Array.from({ length: 8_000 }, (_, n) => [`p${n}`, { $ref: `other-${n}` }]))
    const before = performance.now()

    expect(schemaLoop({ properties })).toBeUndefined()
    expect(schemaGap({ properties })).toContain('other-')
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  it.each([
    ['by its pattern', { pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`],
    ['by a pattern of quantifiers in a row', { pattern: `^${'a*'.repeat(9)}b$` }, 'a'.repeat(2_000)],
    ['by a pattern of names', { patternProperties: { '(a|a)*$': {} } }, { [`${'a'.repeat(60)}!`]: 1 }],
    ['by a format', { format: 'url' }, `http://${'a'.repeat(60)}!`],
    ['by what must be unique', { uniqueItems: true }, Array.from({ length: 60_000 }, (_, n) => n)],
    ['by many values', { items: { not: { enum: Array.from({ length: 2_000 }, (_, n) => [n]) } } }, new Array(20_000).fill([-1])],
  ])('is stopped: %s', (_, schema, value) => {
    const judge = createArgumentJudge({ type: 'object', properties: { value: schema } })
    const before = performance.now()

    expect(() => judge({ value })).toThrow(/could not be checked within 250 ms/)
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(() => judge({ value })).toThrow(/took too long just now/)
  })

  it('lets through what is quick meanwhile', () => {
    const judge = createArgumentJudge({
      properties: { list: { type: 'array', items: { enum: Array.from({ length: 3_000 }, (_, n) => [n]) } } },
    })

    expect(() => judge({ list: new Array(20_000).fill([2_999]) })).toThrow(/could not be checked/)
    expect(() => judge({ list: [[1]] })).not.toThrow()
  })

  it('is judged as ever where it is quick', () => {
    const schema = { properties: { address: { format: 'uri' }, tags: { uniqueItems: true }, name: { pattern: '^(a|b)+$' } } }

    expect(faultOf(schema, { address: 'https://a.example/x', tags: [1, 2], name: 'ab' })).toBeUndefined()
    expect(faultOf(schema, { address: 'nowhere', tags: [1, 1], name: 'c' })).toMatchObject({
      code: 'invalid',
      details: [{ path: '/address' }, { path: '/tags' }, { path: '/name' }],
    })
  })
})

describe('a schema that cannot judge', () => {
  it.each([
    ['values that are no list', { properties: { a: { enum: 5 } } }],
    ['alternatives that are no list', { properties: { a: { allOf: 7 } } }],
    ['nothing where a schema belongs', { properties: { a: null } }],
  ])('is what is at fault, and said so: %s', (_, schema) => {
    const fault = faultOf(schema, { a: 1 })

    expect(fault).toMatchObject({ code: 'upstream', message: expect.stringContaining('no JSON Schema') })
  })

  it.each([
    [{ properties: { a: { $ref: 'https://schemas.example/a.json' } } }, 'schemas.example'],
    [{ properties: { a: { $ref: '#/$defs/missing' } } }, 'missing'],
    [{ properties: { a: { pattern: '(' } } }, 'regular expression'],
    [{ patternProperties: { '[': {} } }, 'regular expression'],
  ])('is found before the first call: %j', (schema, why) => {
    expect(schemaGap(schema)).toContain(why)
  })

  it('is none with definitions, ids and anchors of its own', () => {
    expect(
      schemaGap({
        $id: 'https://own.example/x',
        $defs: { a: { $anchor: 'here' } },
        anyOf: [{ $ref: '#here' }, { $ref: '#/$defs/a' }],
      }),
    ).toBeUndefined()
  })
})

describe('arguments', () => {
  const schema = {
    type: 'object',
    properties: {
      path: { type: 'string', minLength: 1 },
      filter: {
        type: 'object',
        properties: { limit: { type: 'integer', maximum: 10 } },
        required: ['limit'],
        additionalProperties: false,
      },
      mode: { enum: ['a', 'b'] },
    },
    required: ['path'],
    additionalProperties: false,
  }

  it('that fit are let through', () => {
    expect(faultOf(schema, { path: 'x', filter: { limit: 3 }, mode: 'a' })).toBeUndefined()
  })

  it('that do not fit are refused with every error and its path', () => {
    const fault = faultOf(schema, { filter: { limit: 11, typo: 1 }, mode: 'c', 'un/known': 1 })

    const paths = fault.details.map(({ path }: { path: string }) => path)
    expect(fault.code).toBe('invalid')
    expect(paths).toEqual(expect.arrayContaining(['', '/filter/limit', '/mode']))
    expect(paths.some((path: string) => path.startsWith('/filter'))).toBe(true)
    expect(fault.message).toContain('path')
  })

  it('that are nested without end are refused, not a crash', () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' } } }
    let deep: object = {}
    for (let level = 0; level < 100_000; level += 1) deep = { next: deep }

    expect(faultOf(tree, deep)).toMatchObject({ code: 'invalid', message: expect.stringContaining('too deeply') })
  })

  it('are judged by the draft that the schema names', () => {
    const tuple = { items: [{ type: 'string' }] }

    expect(faultOf({ $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: tuple } }, { a: [1] })).toBeDefined()
  })
})
