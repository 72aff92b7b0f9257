import { describe, expect, it } from 'vitest'
import { createArgumentJudge } from '../../../src/module/upstream/argument-judge.ts'
import { schemaGap } from '../../../src/module/upstream/schema-gap.ts'
import { schemaLoop } from '../../../src/module/upstream/schema-loop.ts'

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

describe('a schema that cannot judge', () => {
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
