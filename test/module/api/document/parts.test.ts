import { expect, test } from 'vitest'
import { Fault } from '../../../../src/contract/fault.ts'
import { readDocument } from '../../../../src/module/api/document/read-document.ts'
import { withPaths } from './read.ts'

const HOME = 'https://docs.example/api/openapi.json'

/** Reads a document whose other parts are these texts by address. */
async function readWith(document: object, parts: Readonly<Record<string, string>>, url: string | null = HOME, most = 50) {
  const fetched: string[] = []
  const fetchPart = async (address: string): Promise<string> => {
    fetched.push(address)
    const text = parts[address]
    if (text === undefined) throw new Fault('forbidden', 'This address is not allowed.')
    return text
  }
  const read = await readDocument(JSON.stringify(document), { url, fetchPart, limits: { parts: most } })
  return { ...read, fetched }
}

const posting = (ref: string): object =>
  withPaths({
    '/a': {
      post: { operationId: 'a', requestBody: { content: { 'application/json': { schema: { $ref: ref } } } }, responses: {} },
    },
    '/good': { get: { operationId: 'good', responses: {} } },
  })

test('parts lie where the document says, relative to the part that says it, and each is fetched once', async () => {
  const { operations, fetched } = await readWith(posting('schemas/pet.yaml#/Pet'), {
    'https://docs.example/api/schemas/pet.yaml':
      'Pet: {type: object, properties: {owner: {$ref: "../people.json"}, friend: {$ref: "#/Pet"}}}',
    'https://docs.example/api/people.json':
      '{"type":"object","properties":{"pet":{"$ref":"schemas/pet.yaml#/Pet"},"name":{"type":"string"}}}',
  })

  expect(fetched).toEqual(['https://docs.example/api/schemas/pet.yaml', 'https://docs.example/api/people.json'])
  expect(operations[0]?.inputSchema).toMatchObject({
    properties: { body: { $ref: '#/$defs/Pet' } },
    $defs: { Pet: { properties: { friend: { $ref: '#/$defs/Pet' } } } },
  })
})

test('a part may refer back to the document, which is not fetched again', async () => {
  const document = { ...posting('other.json#/X'), components: { schemas: { Word: { type: 'string', enum: ['a'] } } } }
  const { operations, fetched } = await readWith(document, {
    'https://docs.example/api/other.json':
      '{"X":{"type":"object","properties":{"w":{"$ref":"openapi.json#/components/schemas/Word"}}}}',
  })

  expect(fetched).toEqual(['https://docs.example/api/other.json'])
  expect(operations[0]?.inputSchema).toMatchObject({ properties: { body: { properties: { w: { enum: ['a'] } } } } })
})

test('a part that may not be fetched takes its operation away, and says why', async () => {
  const { operations, problems } = await readWith(posting('http://169.254.169.254/latest#/X'), {})

  expect(operations.map(({ toolName }) => toolName)).toEqual(['good'])
  expect(problems).toContainEqual({
    pointer: '/paths/~1a/post/requestBody/content/application~1json/schema',
    severity: 'error',
    message: 'It refers to http://169.254.169.254/latest#/X, which could not be read: This address is not allowed.',
  })
})

test('a pasted document has no place from which its parts could be found', async () => {
  const { operations, problems, fetched } = await readWith(posting('pet.json'), {}, null)

  expect(fetched).toEqual([])
  expect(operations.map(({ toolName }) => toolName)).toEqual(['good'])
  expect(problems).toContainEqual(expect.objectContaining({ severity: 'error', message: expect.stringContaining('no address') }))
})

test('parts that lead to ever more parts come to an end', async () => {
  const parts = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `https://docs.example/api/${index}.json`,
      JSON.stringify({ $ref: `${index + 1}.json` }),
    ]),
  )
  const { operations, fetched } = await readWith(posting('0.json'), parts, HOME, 5)

  expect(fetched.length).toBe(5)
  expect(operations.map(({ toolName }) => toolName)).toEqual(['good'])
})

test('what looks like a reference within an example is none', async () => {
  const document = posting('#/components/schemas/X') as Record<string, unknown>
  const { fetched } = await readWith(
    { ...document, components: { schemas: { X: { type: 'object', example: { $ref: 'https://evil.example/' } } } } },
    {},
  )

  expect(fetched).toEqual([])
})

test('a part of a default answer, or of a property that is called like data, is fetched all the same', async () => {
  const document = posting('#/components/schemas/X') as { paths: Record<string, object> }
  const content = { 'application/json': { schema: { $ref: 'answer.json' } } }
  const { operations, problems } = await readWith(
    {
      ...document,
      paths: { ...document.paths, '/b': { get: { operationId: 'b', responses: { default: { description: 'ok', content } } } } },
      components: { schemas: { X: { type: 'object', properties: { default: { $ref: 'word.json' } } } } },
    },
    {
      'https://docs.example/api/answer.json': '{"type":"object","properties":{"n":{"type":"integer"}}}',
      'https://docs.example/api/word.json': '{"type":"string","maxLength":3}',
    },
  )

  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(operations.find(({ toolName }) => toolName === 'b')?.outputSchema).toMatchObject({ properties: { n: {} } })
  expect(operations.find(({ toolName }) => toolName === 'a')?.inputSchema).toMatchObject({
    properties: { body: { properties: { default: { type: 'string', maxLength: 3 } } } },
  })
})

test('an operation beside a reference to other operations refers to what stands in its own document', async () => {
  const { operations, problems } = await readWith(
    withPaths(
      { '/a': { $ref: 'paths.json#/a', get: { operationId: 'mine', parameters: [{ $ref: '#/components/parameters/Mine' }] } } },
      { components: { parameters: { Mine: { name: 'mine', in: 'query', schema: { type: 'string' } } } } },
    ),
    {
      'https://docs.example/api/paths.json': JSON.stringify({
        a: { parameters: [{ $ref: '#/shared' }], post: { operationId: 'theirs' } },
        shared: { name: 'shared', in: 'query', schema: { type: 'string' } },
      }),
    },
  )

  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const named = operations.map(({ toolName, plan }) => [toolName, ...plan.parameters.map(({ name }) => name)])
  expect(Object.fromEntries(named.map(([name, ...rest]) => [name, rest]))).toEqual({
    mine: ['shared', 'mine'],
    theirs: ['shared'],
  })
})

const PET = {
  $id: 'https://schemas.example/pet',
  type: 'object',
  properties: { tag: { $ref: 'tag' }, age: { $ref: '#/$defs/age' }, tame: { $ref: '#tame' } },
  $defs: { age: { type: 'integer' }, tame: { $anchor: 'tame', type: 'boolean' } },
}
const TAG = { $id: 'https://schemas.example/tag', type: 'string', maxLength: 5 }

test.each([
  ['its address', 'https://schemas.example/pet'],
  ['its place', '#/components/schemas/Pet'],
])('a schema with an address of its own is found by %s, and never fetched', async (_, ref) => {
  const { operations, fetched } = await readWith({ ...posting(ref), components: { schemas: { Pet: PET, Tag: TAG } } }, {}, null)

  expect(fetched).toEqual([])
  expect(operations[0]?.inputSchema).toMatchObject({
    properties: {
      body: { properties: { tag: { type: 'string', maxLength: 5 }, age: { type: 'integer' }, tame: { type: 'boolean' } } },
    },
  })
})

test('what a schema with an address of its own refers to lies beside that address', async () => {
  const schemas = { Pet: { $id: 'https://schemas.example/deep/pet', properties: { owner: { $ref: 'owner.json' } } } }
  const { fetched } = await readWith(
    { ...posting('#/components/schemas/Pet'), components: { schemas } },
    { 'https://schemas.example/deep/owner.json': '{"type":"string"}' },
  )

  expect(fetched).toEqual(['https://schemas.example/deep/owner.json'])
})

test('a dynamic reference is followed where nothing can override it', async () => {
  const schemas = {
    Tree: {
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { kids: { type: 'array', items: { $dynamicRef: '#node' } } },
    },
  }
  const { operations } = await readWith({ ...posting('#/components/schemas/Tree'), components: { schemas } }, {})

  expect(operations[0]?.inputSchema).toMatchObject({
    $defs: { Tree: { properties: { kids: { items: { $ref: '#/$defs/Tree' } } } } },
  })
})

test('an operation that stands elsewhere is read where it stands', async () => {
  const { operations } = await readWith(
    withPaths({ '/a': { get: { $ref: 'operations.json#/list' }, put: { $ref: '#/nothing' } } }),
    {
      'https://docs.example/api/operations.json': JSON.stringify({
        list: { operationId: 'list', parameters: [{ $ref: '#/limit' }] },
        limit: { name: 'limit', in: 'query', schema: { type: 'integer' } },
      }),
    },
  )

  expect(operations.map(({ key, toolName, plan }) => [key, toolName, plan.parameters.length])).toEqual([['GET /a', 'list', 1]])
})
