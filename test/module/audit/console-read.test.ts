import { expect, test } from 'vitest'
import { waterfall } from '../../../src/module/audit/waterfall.ts'
import { openTestHouse } from '../../support.ts'
import { openBrowser } from '../../transport/web/house.ts'

test('a page that shows itself is recorded, but neither counted nor listed where it would only be in the way', async () => {
  const house = await openTestHouse()
  const browser = await openBrowser(house)
  await (await browser.get('/users')).text()
  const list = async (query: string) => {
    const body = (await (await house.fetch(`/api/audit/calls?transport=web&${query}`, house.adminToken)).json()) as {
      calls: { tool: string }[]
    }
    return body.calls.map(({ tool }) => tool)
  }

  const stats = (await (await house.fetch('/api/audit/stats', house.adminToken)).json()) as { tools: { tool: string }[] }

  expect(await list('')).toContain('access_user_list')
  expect(await list('consoleReads=false')).toEqual([])
  expect(await list('consoleReads=false&kind=operation')).toEqual([])
  expect(stats.tools.map(({ tool }) => tool)).not.toContain('access_user_list')
})

test('a page that was refused is listed and counted', async () => {
  const house = await openTestHouse()
  const token = await house.token('access.read')
  await house.fetch('/op/upstream_list', token, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

  const body = (await (await house.fetch('/api/audit/calls?consoleReads=false', house.adminToken)).json()) as {
    calls: { tool: string; outcome: string }[]
  }

  expect(body.calls).toContainEqual(expect.objectContaining({ tool: 'upstream_list', outcome: 'forbidden' }))
})

test('a waterfall puts every stage on one scale, none too thin to see and none beyond the edge', () => {
  const bars = waterfall([
    { stage: 'find', startUs: 0, durationUs: 1 },
    { stage: 'run', startUs: 1, durationUs: 9_998 },
    { stage: 'record', startUs: 9_999, durationUs: 1 },
  ])

  expect(bars).toEqual([
    { stage: 'find', words: 'find', durationUs: 1, x: 0, width: 4 },
    { stage: 'run', words: 'run', durationUs: 9_998, x: 0, width: 1_000 },
    { stage: 'record', words: 'record', durationUs: 1, x: 996, width: 4 },
  ])
  expect(waterfall([])).toEqual([])
})
