import { expect, test } from 'vitest'
import { openTestHouse } from '../../support.ts'

const overviewWith = async (...keys: string[]) => {
  const house = await openTestHouse()
  const response = await house.fetch('/api/overview', keys.length === 0 ? house.adminToken : await house.token(...keys))
  return { house, status: response.status, body: (await response.json()) as Record<string, { series: unknown[] }> }
}

test('counts what there is', async () => {
  const { status, body } = await overviewWith()

  expect(status).toBe(200)
  expect(body).toMatchObject({
    attention: [],
    upstreams: { total: 0, connected: 0, down: 0, off: 0 },
    tools: { total: 0 },
    recent: [],
  })
  expect(body['calls']?.series).toHaveLength(60)
})

test('leaves out every part that the caller may not see', async () => {
  const { body } = await overviewWith('overview.read')

  expect(body).toEqual({ attention: [], verdict: null, upstreams: null, tools: null, calls: null, recent: null })
})

test('names calls that were refused in the last hour, and forgets them afterwards', async () => {
  let nowMs = 1_700_000_000_000
  const house = await openTestHouse({ nowMs: () => nowMs })
  const refused = house.gatehouse.door.enter(
    await house.gatehouse.authenticator.bearer(house.adminToken),
    'nothing__here',
    {},
    {
      transport: 'mcp',
      requestId: 'r1',
      sessionKey: 'user/mcp',
      signal: new AbortController().signal,
    },
  )
  await expect(refused).rejects.toMatchObject({ code: 'not_found' })
  const look = async () =>
    ((await (await house.fetch('/api/overview', house.adminToken)).json()) as { attention: unknown[] }).attention

  const recent = async () =>
    (
      (await (await house.fetch('/api/overview', house.adminToken)).json()) as { recent: { tool: string; outcome: string }[] }
    ).recent
      .filter(({ outcome }) => outcome !== 'ok')
      .map(({ tool }) => tool)

  expect(await recent()).toEqual(['nothing__here'])
  expect(await look()).toMatchObject([{ kind: 'calls', subject: 'nothing__here', outcome: 'not_found' }])
  nowMs += 3_700_000
  expect(await look()).toEqual([])
})
