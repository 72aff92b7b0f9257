import { beforeAll, describe, expect, test } from 'vitest'
import type { InstalledOperation } from '../../src/core/gatehouse.ts'
import { modules } from '../../src/module/index.ts'
import { ASK, askRpc, type Told } from '../fixture/ask.ts'
import { rehearsal } from '../fixture/rehearsal.ts'
import { openTestHouse, type TestHouse } from '../support.ts'

const TRANSPORTS = ['mcp', 'rest', 'web'] as const

const NAMES = [...modules, rehearsal].flatMap((module) => Object.keys(module.operations).map((key) => `${module.name}_${key}`))

const installed = ({ gatehouse }: TestHouse, name: string): InstalledOperation =>
  gatehouse.operations.find((one) => one.name === name)!

/** The record of the call that was answered like this, as an auditor finds it. */
async function recordOf(house: TestHouse, tool: string, { requestId }: Told): Promise<unknown> {
  const reply = await house.fetch(`/api/audit/calls?search=${requestId}&tool=${tool}`, house.adminToken)
  const { calls } = (await reply.json()) as { calls: unknown[] }
  expect(calls, `records of ${tool}`).toHaveLength(1)
  return calls[0]
}

/** An answer without what is different in every answer. */
const timeless = ({ text, requestId }: Told): string => text.replaceAll(requestId, 'REQUEST')

describe.each(TRANSPORTS)('over %s', (transport) => {
  const ask = ASK[transport]
  let house: TestHouse

  beforeAll(async () => {
    house = await openTestHouse({ extra: [rehearsal], until: 'suite' })
  })

  describe.each(NAMES)('%s', (name) => {
    test('answers its example as declared, on empty stores', async () => {
      // What only reads leaves the stores as empty as they were, so it may share them.
      const { operation } = installed(house, name)
      const own = operation.effect === 'read' ? house : await openTestHouse({ extra: [rehearsal] })

      const told = await ask(own, own.adminToken, installed(own, name), operation.example.input)

      expect(told, told.text.slice(0, 2_000)).toMatchObject({ outcome: operation.example.outcome })
      expect(await recordOf(own, name, told)).toMatchObject({ transport, outcome: operation.example.outcome })
      if (told.output && told.outcome === 'ok') operation.output.parse(told.output)
    })

    test('refuses a caller without the right, and tells it nothing of the schema', async () => {
      const { operation } = installed(house, name)
      const token = await house.token()

      const told = await ask(house, token, installed(house, name), operation.example.input)
      const toldOfGarbage = await ask(house, token, installed(house, name), { ...operation.example.input, misspelt: 1 })

      expect([told.outcome, toldOfGarbage.outcome]).toEqual(['forbidden', 'forbidden'])
      expect(timeless(toldOfGarbage)).toBe(timeless(told))
      expect(told.text).not.toContain(operation.summary)
      expect(await recordOf(house, name, told)).toMatchObject({ transport, outcome: 'forbidden', stage: 'permit' })
    })

    test('refuses a misspelt field', async () => {
      const { operation } = installed(house, name)
      const token = await house.token(operation.permit)

      const told = await ask(house, token, installed(house, name), { ...operation.example.input, misspelt: 1 })

      expect(told.outcome, told.text.slice(0, 2_000)).toBe('invalid')
      expect(told.text).toContain('/misspelt')
      expect(await recordOf(house, name, told)).toMatchObject({ transport, outcome: 'invalid', stage: 'parse' })
    })
  })

  test.each(['throw', 'answer'])('a bug (%s) becomes internal, and its text stays inside', async (how) => {
    const told = await ask(house, house.adminToken, installed(house, 'rehearsal_stumble'), { how })

    expect(told.outcome).toBe('internal')
    expect(told.text).not.toContain('vault')
    expect(
      JSON.stringify(house.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['requestId'])),
    ).toContain(told.requestId)
  })
})

test.each([
  ['GET', '/api/tools', undefined],
  ['GET', '/api/openapi.json', undefined],
  ['GET', '/api/tools/openapi.json', undefined],
  ['GET', '/tools', undefined],
  ['POST', '/mcp', { method: 'tools/list' }],
])('%s %s shows no operation to a caller without rights', async (method, path, rpc) => {
  const house = await openTestHouse({ extra: [rehearsal] })

  const reply = rpc ? await askRpc(house, await house.token(), rpc) : await house.fetch(path, await house.token(), { method })
  const text = await reply.text()

  expect(text.length).toBeGreaterThan(10)
  expect(NAMES.filter((name) => text.includes(name))).toEqual([])
})
