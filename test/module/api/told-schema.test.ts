import { expect, test } from 'vitest'
import { createArgumentJudge } from '../../../src/core/schema/argument-judge.ts'
import { toldSchema } from '../../../src/module/api/told-schema.ts'

const schema = {
  type: 'object',
  required: ['id', 'name'],
  additionalProperties: false,
  properties: {
    id: { type: 'integer', minimum: 1 },
    name: { type: 'string', pattern: '^[a-z]+$', description: 'What it is called' },
    state: { type: 'string', enum: ['on', 'off'] },
    owner: { oneOf: [{ $ref: '#/$defs/Person' }, { type: 'object', properties: {} }] },
    since: { type: 'string', format: 'date-time' },
  },
  $defs: { Person: { type: 'object', required: ['mail'], properties: { mail: { type: 'string', minLength: 3 } } } },
}

test('what an API answers beside its document is not held against it', () => {
  const judge = createArgumentJudge(toldSchema(schema))

  judge({ id: 0.5, name: null, state: 'asleep', owner: {}, since: 'today', more: [] })
  judge({})
})

test('what has another shape is', () => {
  const judge = createArgumentJudge(toldSchema(schema))

  expect(() => judge({ name: { first: 'Ada' } })).toThrow()
  expect(() => judge([])).toThrow()
})

test('fields keep what is said of them', () => {
  expect(toldSchema(schema)).toMatchObject({
    type: 'object',
    properties: {
      name: { description: 'What it is called' },
      state: { examples: ['on', 'off'] },
      owner: { anyOf: [{ $ref: '#/$defs/Person' }, { properties: {} }] },
    },
    $defs: { Person: { properties: { mail: { type: ['string', 'null'] } } } },
  })
})
