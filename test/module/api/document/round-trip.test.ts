import { type Schema, Validator } from '@cfworker/json-schema'
import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../../src/contract/fault.ts'
import type { JsonSchema } from '../../../../src/contract/tool.ts'
import { readDocument } from '../../../../src/module/api/document/read-document.ts'
import { buildRequest } from '../../../../workers/api/build-request.ts'
import { CORPUS, corpusText } from './corpus.ts'
import { exampleArguments } from './example-arguments.ts'
import { startMockApi } from './mock-api.ts'

const EMPTY_ENUM = 'the document allows no value at all for one of its fields, and the library cannot compile that'

/** Operations that the library cannot judge, each with its reason. */
const BLIND: Readonly<Record<string, string>> = {
  'GET /guilds/{guild_id}/requests': EMPTY_ENUM,
  'PATCH /guilds/{guild_id}/requests/{request_id}': EMPTY_ENUM,
}

const OF_GATEWAY = /Leave it out where the gateway has a credential\.$/

/** With what the gateway would add for its callers. */
function withCredential(args: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  const properties = Object.entries(schema['properties'] as Record<string, JsonSchema>)
  const tokens = properties.filter(([, { description }]) => OF_GATEWAY.test(String(description)))
  return { ...args, ...Object.fromEntries(tokens.map(([name]) => [name, 'secret'])) }
}

describe.skipIf(CORPUS.length === 0).each(CORPUS)('requests to the API of %s', (name) => {
  test.each(['full', 'least'] as const)(
    'fit its document, with %s arguments for every operation',
    { timeout: 300_000 },
    async (amount) => {
      const text = corpusText(name)
      const api = await startMockApi(text)
      const fetchPart = async (): Promise<string> => {
        throw new Fault('forbidden', 'Nothing is fetched here.')
      }
      const { operations } = await readDocument(text, { url: `https://api.example.com/${name}`, server: api.url, fetchPart })

      const wrong: string[] = []
      for (const [index, { key, inputSchema, plan }] of operations.entries()) {
        const args = withCredential(exampleArguments(inputSchema, amount), inputSchema)
        expect(new Validator(structuredClone(inputSchema) as Schema, '2020-12').validate(args).errors, key).toEqual([])
        const { method, url, headers, body } = buildRequest(plan, args)
        const sent = { method: method as 'GET', headers: { ...headers, 'x-request-number': String(index) }, body }
        const answer = await request(url, sent)
        await answer.body.dump()
        const verdict = api.verdicts.get(String(index)) ?? ['The server has not seen it.']
        if (verdict.length > 0 && !(key in BLIND)) wrong.push(`${key}: ${verdict.slice(0, 3).join('; ')}`)
      }
      await api.close()

      expect(wrong).toEqual([])
    },
  )
})
