import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf } from '../../../../src/transport/web/schema-form/arguments-of.ts'
import { editRows } from '../../../../src/transport/web/schema-form/edit-rows.ts'
import { formOf } from '../../../../src/transport/web/schema-form/form-of.ts'

const name = fc.constantFrom('a', 'b', 'tags', '__proto__', 'constructor', 'x/y', '~', '', '0')

/** Schemas as an upstream might send them: keywords in their places, with whatever in them. */
const { schema } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue().filter((one): one is object => typeof one === 'object' && one !== null && !Array.isArray(one)),
    fc.record(
      {
        type: fc.oneof(
          fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', 'null', 'odd'),
          fc.array(fc.constantFrom('string', 'null')),
        ),
        properties: fc.oneof(fc.dictionary(name, tie('schema')), fc.jsonValue()),
        items: fc.oneof(tie('schema'), fc.jsonValue()),
        additionalProperties: fc.oneof(tie('schema'), fc.boolean()),
        required: fc.oneof(fc.array(name), fc.jsonValue()),
        enum: fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()),
        anyOf: fc.array(tie('schema')),
        $ref: fc.constantFrom('#', '#/properties/a', '#/$defs/none', '#/%', 'other'),
        title: fc.jsonValue(),
        default: fc.jsonValue(),
        examples: fc.jsonValue(),
        format: fc.jsonValue(),
        maxLength: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  ),
}))

const pointer = fc.array(name, { maxLength: 4 }).map((steps) => `/${steps.join('/')}`)
const body = fc.dictionary(
  fc.oneof(pointer, name, fc.constantFrom('_json', '_mode', '_edit')),
  fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 })),
)

test('no schema and no body break a form, and what was posted can be shown again', () => {
  fc.assert(
    fc.property(schema, body, fc.boolean(), (given, posted, keepBlankRows) => {
      const { value, details } = argumentsOf(given as object as Record<string, unknown>, posted, { keepBlankRows })
      const form = formOf(given as Record<string, unknown>, value, { details })

      expect(typeof form.json).toBe('string')
      expect(({} as Record<string, unknown>)['a']).toBeUndefined()
    }),
    { numRuns: 400 },
  )
})

test('no edit breaks arguments', () => {
  fc.assert(
    fc.property(fc.jsonValue(), pointer, fc.constantFrom('add', 'remove', 'odd'), (value, at, how) => {
      expect(() => editRows(value, `${how}:${at}`)).not.toThrow()
    }),
  )
})
