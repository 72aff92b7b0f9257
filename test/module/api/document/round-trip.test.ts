import { type Schema, Validator } from '@cfworker/json-schema'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../../src/contract/tool.ts'
import { buildRequest } from '../../../../workers/api/build-request.ts'
import { CORPUS, corpusText } from './corpus.ts'
import { OPENAPI_30, OPENAPI_31, SWAGGER_2 } from './documents.ts'
import { exampleArguments } from './example-arguments.ts'
import { type MockApi, startMockApi } from './mock-api.ts'
import { read } from './read.ts'

const EMPTY_ENUM = 'the document allows no value at all for one of its fields, and the library cannot compile that'

/** Operations that the library cannot judge, each with its reason. */
const BLIND: Readonly<Record<string, string>> = {
  'GET /guilds/{guild_id}/requests': EMPTY_ENUM,
  'PATCH /guilds/{guild_id}/requests/{request_id}': EMPTY_ENUM,
  'PUT /trees/{id}':
    'the library asks for what is readOnly, which a request does not hold (OpenAPI 3.0.3, 4.7.24); schemas.test.ts looks at it',
  'GET /styles/{simple}/{label}/{matrix}':
    'the library knows no lists, labels or matrices in paths; build-request.test.ts has the table',
}

const OF_GATEWAY = /Leave it out where the gateway has a credential\.$/

/** With what the gateway would add for its callers. */
function withCredential(args: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  const properties = Object.entries(schema['properties'] as Record<string, JsonSchema>)
  const tokens = properties.filter(([, { description }]) => OF_GATEWAY.test(String(description)))
  return { ...args, ...Object.fromEntries(tokens.map(([name]) => [name, 'secret'])) }
}

/** What the library says of a request for each operation of a document; empty where all fit. */
async function misfits(api: MockApi, text: string, amount: 'full' | 'least'): Promise<string[]> {
  const { operations } = await read(text, { server: api.url })
  const wrong: string[] = []
  for (const [index, { key, inputSchema, plan }] of operations.entries()) {
    const args = withCredential(exampleArguments(inputSchema, amount), inputSchema)
    expect(new Validator(structuredClone(inputSchema) as Schema, '2020-12').validate(args).errors, key).toEqual([])
    const { method, url, headers, body } = buildRequest(plan, args)
    const number = `${amount} ${index}`
    const answer = await request(url, { method: method as 'GET', headers: { ...headers, 'x-request-number': number }, body })
    await answer.body.dump()
    const verdict = api.verdicts.get(number) ?? ['The server has not seen it.']
    if (verdict.length > 0 && !(key in BLIND)) wrong.push(`${key}: ${verdict.slice(0, 3).join('; ')}`)
  }
  return wrong
}

const AMOUNTS = ['full', 'least'] as const

/** One server of a document for all tests of a suite: the library takes seconds to compile a large one. */
function mockApiOf(text: () => string): () => MockApi {
  let api: MockApi | undefined
  beforeAll(async () => {
    api = await startMockApi(text())
  })
  afterAll(() => api?.close())
  return () => api!
}

describe.skipIf(CORPUS.length === 0).each(CORPUS)('requests to the API of %s', (name) => {
  const api = mockApiOf(() => corpusText(name))
  test.each(AMOUNTS)('fit its document, with %s arguments for every operation', { timeout: 300_000 }, async (amount) => {
    expect(await misfits(api(), corpusText(name), amount)).toEqual([])
  })
})

describe.each([
  ['OpenAPI 3.0', OPENAPI_30],
  ['OpenAPI 3.1', OPENAPI_31],
  ['Swagger 2.0', SWAGGER_2],
] as const)('requests by our own document of %s', (_, document) => {
  const text = JSON.stringify(document)
  const api = mockApiOf(() => text)
  test.each(AMOUNTS)('fit it, with %s arguments for every operation', async (amount) => {
    expect(await misfits(api(), text, amount)).toEqual([])
  })
})
