import { expect, test } from 'vitest'
import { estimateTokens } from '../../../src/core/token-estimate.ts'
import { openTestHouse } from '../../support.ts'
import { hostileSource } from '../../transport/web/house.ts'

test('lists only what the caller may call, and counts its sources', async () => {
  const house = await openTestHouse({ extra: [hostileSource().module] })
  const token = await house.token('tool.read', 'tool:hostile__*')

  const body = (await (await house.fetch('/api/catalog', token)).json()) as {
    tools: { name: string }[]
    total: number
    sources: unknown
  }

  expect(body.tools.map(({ name }) => name)).toEqual(['hostile__tool', 'tool_get', 'tool_list'])
  expect(body.total).toBe(3)
  expect(body.sources).toEqual([
    { name: 'hostile', count: 1, kind: 'dynamic' },
    { name: 'tool', count: 2, kind: 'operation' },
  ])
})

test('finds by every word of a search, and pages', async () => {
  const house = await openTestHouse()
  const list = async (query: string) =>
    (await (await house.fetch(`/api/catalog?${query}`, house.adminToken)).json()) as {
      tools: { name: string }[]
      total: number
      sources: unknown[]
    }

  const found = await list('text=LIST%20users')
  const first = await list('limit=2&kind=operation')
  const second = await list('limit=2&kind=operation&offset=2')

  expect(found.tools.map(({ name }) => name)).toContain('access_user_list')
  expect(found.sources.length).toBeGreaterThan(3)
  expect(first.tools).toHaveLength(2)
  expect(second.tools[0]!.name > first.tools[1]!.name).toBe(true)
  expect((await list('source=nobody')).tools).toEqual([])
})

test('shows one tool whole, and tells a missing one from a forbidden one to nobody', async () => {
  const house = await openTestHouse({ extra: [hostileSource().module] })
  const token = await house.token('tool.read')
  const get = async (name: string) => {
    const response = await house.fetch(`/api/catalog/${name}`, token)
    return { status: response.status, body: (await response.json()) as { detail: string; inputSchema: object } }
  }

  const known = await get('tool_get')
  const forbidden = await get('hostile__tool')
  const missing = await get('nothing__here')

  expect([known.status, known.body.inputSchema]).toEqual([200, expect.objectContaining({ type: 'object' })])
  expect([forbidden.status, missing.status]).toEqual([404, 404])
  expect(forbidden.body.detail.replace('hostile__tool', '')).toBe(missing.body.detail.replace('nothing__here', ''))
})

test('estimates what a definition costs a model, roughly', () => {
  expect(estimateTokens({ name: 'x'.repeat(391) })).toBe(101)
})
