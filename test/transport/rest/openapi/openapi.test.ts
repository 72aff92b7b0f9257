import { validate } from '@readme/openapi-parser'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonSchema, Tool } from '../../../../src/contract/tool.ts'
import { offerTools, type RehearsalStore, rehearsal } from '../../../fixture/rehearsal.ts'
import { openTestHouse, type TestHouse } from '../../../support.ts'

interface PathItem {
  readonly [method: string]: Record<string, any>
}

interface OpenApi {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: { readonly schemas: Readonly<Record<string, any>> }
}

let house: TestHouse
let store: RehearsalStore

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], until: 'suite' })
  store = house.gatehouse.store<RehearsalStore>('rehearsal')
})

const read = async (path: string, token = house.adminToken): Promise<OpenApi> => {
  const reply = await house.fetch(path, token)
  expect(reply.status).toBe(200)
  return (await reply.json()) as OpenApi
}
// The parser replaces references in what it is given, and gives loops back as loops.
const verdict = (document: OpenApi) => validate(structuredClone(document) as never)
const methodsOf = (document: OpenApi) => Object.values(document.paths).flatMap((item) => Object.values(item))

function tool(name: string, inputSchema: JsonSchema, more: Partial<Tool['definition']> = {}): Tool {
  const localName = name.replace('far__', '')
  const definition = { name, inputSchema, ...more }
  const common = { source: 'far', kind: 'dynamic', permit: `tool:${name}`, effect: 'write', idempotent: false } as const
  return { ...common, name, localName, definition, parse: (raw) => raw, run: () => Promise.reject(new Error('not run')) }
}

describe('the description of the operations', () => {
  test('is valid OpenAPI 3.1', async () => {
    const document = await read('/api/openapi.json')

    expect(document.openapi).toBe('3.1.0')
    expect(await verdict(document)).toMatchObject({ valid: true })
  })

  test('names the address it was fetched from', async () => {
    expect((await read('/api/openapi.json')).servers).toEqual([{ url: house.url }])
  })

  test('has every operation once, at its own route, with an example', async () => {
    const document = await read('/api/openapi.json')
    const found = methodsOf(document).map(({ operationId }) => operationId)

    expect(new Set(found).size).toBe(found.length)
    for (const { name, operation } of house.gatehouse.operations) {
      const [method, path] = operation.route.split(' ') as [string, string]
      const described = document.paths[`/api${path.replace(/:(\w+)/g, '{$1}')}`]?.[method.toLowerCase()]
      expect(described, name).toMatchObject({ operationId: name, summary: operation.summary })
    }
  })

  test('splits the input of a write into path and body', async () => {
    const { paths, components } = await read('/api/openapi.json')
    const { parameters, requestBody } = paths['/api/rehearsal/{part}/lines']!['put']!

    expect(parameters).toEqual([expect.objectContaining({ name: 'part', in: 'path', required: true, example: 'ghost' })])
    expect(requestBody.required).toBe(true)
    expect(requestBody.content['application/json'].examples.example.value).toEqual({ text: 'Remember me.' })
    expect(Object.keys(components.schemas['rehearsal_write_body'].properties)).toEqual(['text', 'loud'])
    expect(components.schemas['rehearsal_write_body'].required).toEqual(['text'])
  })

  test('gives a read its query', async () => {
    const { paths } = await read('/api/openapi.json')

    expect(paths['/api/rehearsal/lines']!['get']!['parameters']).toEqual([
      expect.objectContaining({ name: 'parts', in: 'query', required: false, description: 'Only these parts.' }),
      expect.objectContaining({ name: 'limit', in: 'query', required: false, example: 5 }),
    ])
  })

  test('says nothing of operations that the caller may not call', async () => {
    const document = await read('/api/openapi.json', await house.token('rehearsal.read'))
    const text = JSON.stringify(document)

    expect(text).toContain('rehearsal_list')
    expect(text).not.toContain('rehearsal_write')
    expect(await verdict(document)).toMatchObject({ valid: true })
  })
})

describe('the description of the tools', () => {
  test('is valid OpenAPI 3.1 whatever schemas the upstreams have', async () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } }
    offerTools(store, [
      tool('far__loop', { type: 'object', properties: { tree: { $ref: '#' }, node: { $ref: '#/$defs/node' } }, $defs: { node } }),
      tool('far__dangling', {
        type: 'object',
        properties: { a: { $ref: '#/$defs/missing' }, b: { $ref: 'https://example.com/b.json' } },
      }),
      tool('far__draft7', {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'https://x/y',
        definitions: { a: {} },
        properties: { a: { $ref: '#/definitions/a' } },
      }),
      tool('far__bare', {}),
      tool(
        'far__{odd}',
        { type: 'object', required: ['x'], properties: { x: { enum: [{ $ref: '#/nowhere' }] } } },
        { description: '<b>html</b>' },
      ),
      tool(
        'far__shaped',
        { type: 'object' },
        { title: 'Shaped', outputSchema: { type: 'object', properties: { n: { type: 'integer' } } } },
      ),
    ])

    const document = await read('/api/tools/openapi.json')

    expect(Object.keys(document.paths)).toHaveLength(5)
    expect(await verdict(document)).toMatchObject({ valid: true })
  })

  test('has one POST per live tool, whose body is the arguments', async () => {
    offerTools(store, [
      tool('far__needs', { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }),
      tool('far__free', { type: 'object', properties: { path: { type: 'string' } } }),
    ])

    const { paths, components } = await read('/api/tools/openapi.json')
    const { operationId, tags, requestBody } = paths['/api/tools/far/needs']!['post']!

    expect([operationId, tags, requestBody.required]).toEqual(['far__needs', ['far'], true])
    expect(components.schemas['far__needs_arguments']).toMatchObject({
      required: ['path'],
      properties: { path: { type: 'string' } },
    })
    expect(paths['/api/tools/far/free']!['post']!['requestBody'].required).toBe(false)
  })

  test('follows the catalog without a restart', async () => {
    offerTools(store, [tool('far__old', { type: 'object' })])
    const before = await read('/api/tools/openapi.json')
    offerTools(store, [tool('far__new', { type: 'object' })])
    const after = await read('/api/tools/openapi.json')

    expect(Object.keys(before.paths)).toEqual(['/api/tools/far/old'])
    expect(Object.keys(after.paths)).toEqual(['/api/tools/far/new'])
  })

  test('gives names that differ only in - and _ operation ids of their own', async () => {
    offerTools(store, [tool('far__a-b', {}), tool('far__a_b', {}), tool('far__a_b_2', {})])

    const ids = methodsOf(await read('/api/tools/openapi.json')).map(({ operationId }) => operationId)

    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^\w+$/)
  })

  test('says nothing of tools that the caller may not call', async () => {
    offerTools(store, [tool('far__open', {}), tool('far__closed', {})])

    const text = JSON.stringify(await read('/api/tools/openapi.json', await house.token('tool:far__open')))

    expect([text.includes('far__open'), text.includes('far__closed')]).toEqual([true, false])
  })
})

test.each(['/api/openapi.json', '/api/tools/openapi.json'])('%s is told to nobody without credentials', async (path) => {
  expect((await house.fetch(path, undefined)).status).toBe(401)
})
