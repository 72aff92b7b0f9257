import { request } from 'undici'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../../src/contract/fault.ts'
import { createArgumentJudge } from '../../../../src/core/schema/argument-judge.ts'
import { readDocument } from '../../../../src/module/api/document/read-document.ts'
import { buildRequest } from '../../../../workers/api/build-request.ts'
import { CORPUS, corpusText } from './corpus.ts'
import { exampleArguments } from './example-arguments.ts'
import { startMockApi } from './mock-api.ts'

/** The library has no eyes for these; they are told apart by hand, each with its reason. */
const BLIND: Readonly<Record<string, string>> = {}

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
        const args = exampleArguments(inputSchema, amount)
        createArgumentJudge(inputSchema)(args)
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
