import { expect, test } from 'vitest'
import { diffDocuments } from '../../../../src/module/api/document/diff-documents.ts'
import { OPENAPI_30, SWAGGER_2 } from './documents.ts'
import { read, withPaths } from './read.ts'

const query = (name: string, schema: object, required = false): object => ({ name, in: 'query', required, schema })
const text = { type: 'string' }

interface Words {
  readonly parameters?: readonly object[]
  readonly body?: object
  readonly answer?: object
  readonly more?: object
}

/** A document with one operation. */
function one({ parameters = [], body, answer, more = {} }: Words): object {
  const requestBody = body && { requestBody: { content: { 'application/json': { schema: body } } } }
  const responses = { '200': { description: 'Good.', ...(answer && { content: { 'application/json': { schema: answer } } }) } }
  return withPaths({ '/it': { post: { operationId: 'it', parameters, responses, ...requestBody, ...more } } })
}

const diff = async (before: object, after: object) => diffDocuments(await read(before), await read(after))

/** What breaks between two versions of one operation. */
async function broken(before: Words, after: Words): Promise<readonly string[]> {
  const { breaking, compatible } = await diff(one(before), one(after))
  expect(breaking.length + compatible.length).toBe(1)
  return breaking[0]?.changes ?? []
}

test('a document does not differ from itself', async () => {
  for (const document of [OPENAPI_30, SWAGGER_2]) {
    expect(await diff(document, structuredClone(document))).toEqual({
      added: [],
      removed: [],
      compatible: [],
      breaking: [],
      isBreaking: false,
    })
  }
})

test('what is new harms nobody, and what is gone does', async () => {
  const at = (...paths: string[]): object =>
    withPaths(Object.fromEntries(paths.map((path) => [path, { get: { responses: {} } }])))

  expect(await diff(at('/a'), at('/a', '/b'))).toMatchObject({ added: ['GET /b'], removed: [], isBreaking: false })
  expect(await diff(at('/a', '/b'), at('/a'))).toMatchObject({ added: [], removed: ['GET /b'], isBreaking: true })
})

test.each([
  [
    'a required parameter that was added',
    {},
    { parameters: [query('limit', text, true)] },
    'Required parameter limit was added.',
  ],
  [
    'one that is required now',
    { parameters: [query('limit', text)] },
    { parameters: [query('limit', text, true)] },
    'limit is required.',
  ],
  ['one that is gone', { parameters: [query('limit', text)] }, {}, 'limit was removed.'],
  [
    'another type',
    { parameters: [query('a', text)] },
    { parameters: [query('a', { type: 'integer' })] },
    'The type of a changed: string → integer.',
  ],
  [
    'a narrower number',
    { parameters: [query('a', { type: 'integer' })] },
    { parameters: [query('a', { type: 'integer', maximum: 5 })] },
    'a is limited more narrowly (maximum).',
  ],
  [
    'a value that is gone',
    { parameters: [query('a', { type: 'string', enum: ['x', 'y'] })] },
    { parameters: [query('a', { type: 'string', enum: ['x'] })] },
    'a no longer takes y.',
  ],
  [
    'a fixed list',
    { parameters: [query('a', text)] },
    { parameters: [query('a', { type: 'string', enum: ['x'] })] },
    'a takes only the values of a list.',
  ],
  [
    'a required field of the body',
    { body: { type: 'object', properties: { x: text } } },
    { body: { type: 'object', properties: { x: text }, required: ['x'] } },
    'body.x is required.',
  ],
  [
    'a body that is closed',
    { body: { type: 'object' } },
    { body: { type: 'object', additionalProperties: false } },
    'body takes no further properties.',
  ],
  [
    'null that is no longer taken',
    { body: { type: 'string', nullable: true } },
    { body: text },
    'The type of body changed: null → string.',
  ],
  [
    'a field of the answer that is gone',
    { answer: { type: 'object', properties: { x: text } } },
    { answer: { type: 'object', properties: {} } },
    'The answer no longer has x.',
  ],
  [
    'a field of the answer that may be missing',
    { answer: { type: 'object', properties: { x: text }, required: ['x'] } },
    { answer: { type: 'object', properties: { x: text } } },
    'In the answer x may be missing.',
  ],
  [
    'another type in the answer',
    { answer: { type: 'object', properties: { x: text } } },
    { answer: { type: 'object', properties: { x: { type: 'boolean' } } } },
    'In the answer the type of x changed: string → boolean.',
  ],
  ['no answer', { answer: { type: 'object', properties: { x: text } } }, {}, 'The answer is no longer described as an object.'],
  ['another name', {}, { more: { operationId: 'other' } }, 'The tool is called other instead of it.'],
  [
    'another server',
    {},
    { more: { servers: [{ url: 'https://elsewhere.example' }] } },
    'Requests go to https://elsewhere.example instead of https://api.example.com.',
  ],
  ['a credential', {}, { more: { security: [{ key: [] }] } }, 'A credential is asked for: key.'],
] as const satisfies readonly (readonly [string, Words, Words, string])[])(
  '%s breaks calls',
  async (_, before, after, sentence) => {
    expect(await broken(before, after)).toEqual([sentence])
  },
)

test.each([
  ['an optional parameter', {}, { parameters: [query('limit', text)] }, 'Optional parameter limit was added.'],
  [
    'one that is no longer required',
    { parameters: [query('a', text, true)] },
    { parameters: [query('a', text)] },
    'The arguments are described differently, and accept what they accepted.',
  ],
  [
    'a wider number',
    { parameters: [query('a', { type: 'integer', maximum: 5 })] },
    { parameters: [query('a', { type: 'number' })] },
    'The arguments are described differently, and accept what they accepted.',
  ],
  [
    'a further value',
    { parameters: [query('a', { type: 'string', enum: ['x'] })] },
    { parameters: [query('a', { type: 'string', enum: ['x', 'y'] })] },
    'The arguments are described differently, and accept what they accepted.',
  ],
  [
    'a further choice',
    { body: { type: 'object', properties: { a: text } } },
    { body: { oneOf: [{ type: 'string' }, { type: 'object', properties: { a: text } }] } },
    'The arguments are described differently, and accept what they accepted.',
  ],
  [
    'a further field of the answer',
    { answer: { type: 'object', properties: {} } },
    { answer: { type: 'object', properties: { x: text } } },
    'The answer is described differently, and keeps what it had.',
  ],
  ['other words', {}, { more: { summary: 'Now with words.' } }, 'The description changed.'],
  ['a warning', {}, { more: { deprecated: true } }, 'It is deprecated.'],
] as const satisfies readonly (readonly [string, Words, Words, string])[])(
  '%s breaks nothing',
  async (_, before, after, sentence) => {
    const { breaking, compatible, isBreaking } = await diff(one(before), one(after))

    expect([breaking, isBreaking]).toEqual([[], false])
    expect(compatible).toEqual([{ key: 'POST /it', changes: [sentence] }])
  },
)

test('schemas that hold themselves are compared to their end', async () => {
  const tree = (more: object): object => ({
    ...one({ body: { $ref: '#/components/schemas/Tree' } }),
    components: {
      schemas: {
        Tree: { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#/components/schemas/Tree' } }, ...more } },
      },
    },
  })

  const { breaking } = await diff(tree({ name: text }), tree({ name: { type: 'integer' } }))

  expect(breaking[0]?.changes).toEqual(['The type of body.name changed: string → integer.'])
})
