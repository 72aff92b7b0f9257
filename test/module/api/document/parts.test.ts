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
