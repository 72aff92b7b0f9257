import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { lanes } from '../../../queue/index.ts'
import type { MonitorStore } from '../../../src/module/monitor/monitor.store.ts'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { openTestHouse, stoppedClock, type TestHouse } from '../../support.ts'

const MINUTE = 60_000

/** Ask an operation of the monitor as the administrator. */
const ask = async (house: TestHouse, path: string, method = 'GET'): Promise<any> =>
  (
    await house.fetch(`/api/monitor${path}`, house.adminToken, {
      method,
      ...(method === 'POST' && { headers: { 'content-type': 'application/json' }, body: '{}' }),
    })
  ).json()

const run = (house: TestHouse) => ask(house, '/run', 'POST')

test('a round looks at every store and keeps what it found', async () => {
  const clock = stoppedClock()
  const house = await openTestHouse({ nowMs: clock.nowMs })

  const { results } = await run(house)

  const stores = results
    .filter(({ check }: { check: string }) => check === 'store')
    .map(({ subject }: { subject: string }) => subject)
  expect(stores).toEqual(expect.arrayContaining(['audit', 'access', 'log', 'monitor', 'request', 'result', 'upstream']))
  const { points } = await ask(house, '/checks/store/history?subject=audit')
  expect(points).toMatchObject([{ state: 'ok', value: expect.any(Number), reason: null }])
})

test('a lane whose file another program holds turns the verdict to failing, until that program lets go', async () => {
  const house = await openTestHouse({ onDisk: true })
  const other = new BetterSqlite3(join(house.gatehouse.dataDir, 'queue', 'function.sqlite'))
  onTestFinished(() => void other.close())
  other.exec('begin immediate')

  const { verdict } = await run(house)
  other.exec('rollback')
  const { results } = await run(house)

  expect(verdict).toMatchObject({ state: 'failing', line: 'Failing: The store queue.function takes no writes: SQLITE_BUSY.' })
  expect(results).toContainEqual(expect.objectContaining({ check: 'store', subject: 'queue.function', state: 'ok' }))
})

test('checks can be narrowed by name and state', async () => {
  const house = await openTestHouse()
  await run(house)

  const { results, known } = await ask(house, '/checks?check=store&state=ok')
  const { results: none } = await ask(house, '/checks?check=store&state=failing')

  expect(results.length).toBeGreaterThan(5)
  expect(new Set(results.map(({ check }: { check: string }) => check))).toEqual(new Set(['store']))
  expect(none).toEqual([])
  expect(known.map(({ check }: { check: string }) => check)).toContain('lane')
})

test('an upstream that cannot be started turns the verdict to failing, with its name', async () => {
  const clock = stoppedClock()
  const servers = { broken: { transport: 'stdio', command: '/does/not/exist' } }
  const house = await openTestHouse({ nowMs: clock.nowMs, settings: { upstream: upstreamSettings.parse({ servers }) } })
  await vi.waitFor(async () => expect(await run(house)).toMatchObject({ verdict: { state: 'failing' } }))

  const { verdict, wrong, upstreams } = await ask(house, '')

  expect(verdict.line).toMatch(/^Failing: The upstream broken is down/)
  expect(wrong).toEqual(
    expect.arrayContaining([expect.objectContaining({ check: 'upstream', subject: 'broken', state: 'failing' })]),
  )
  expect(upstreams).toMatchObject([{ alias: 'broken', state: 'error', lastError: expect.any(String) }])
})

test('what did not change is not written again, and holds', async () => {
  const clock = stoppedClock()
  const servers = { off: { transport: 'stdio', command: 'true', enabled: false } }
  const house = await openTestHouse({ nowMs: clock.nowMs, settings: { upstream: upstreamSettings.parse({ servers }) } })
  for (let minute = 0; minute < 25; minute += 1) {
    await run(house)
    clock.advance(MINUTE)
  }

  const { points } = await ask(house, '/checks/upstream/history?subject=off')

  expect(points).toHaveLength(3)
})

test('what is older than its retention is forgotten', async () => {
  const clock = stoppedClock()
  const house = await openTestHouse({ nowMs: clock.nowMs })
  await run(house)
  const { history } = house.gatehouse.store<MonitorStore>('monitor')

  clock.advance(8 * 24 * 60 * MINUTE)

  expect(await history.purge(clock.nowMs() - 7 * 24 * 60 * MINUTE)).toBeGreaterThan(5)
  expect(await history.purge(clock.nowMs() - 7 * 24 * 60 * MINUTE)).toBe(0)
})

test('lanes and upstreams are shown to those alone who may see them', async () => {
  const house = await openTestHouse()
  const look = async (token: string) => (await house.fetch('/api/monitor', token)).json()

  expect(await look(await house.token('monitor.read'))).toMatchObject({ lanes: null, upstreams: null })
  expect(await look(house.adminToken)).toMatchObject({ lanes: lanes.map(({ name }) => ({ name })), upstreams: [] })
})

test('a round by itself announces its verdict', async () => {
  const house = await openTestHouse()
  const heard: string[] = []
  house.gatehouse.events.subscribe('monitor', ({ verdict }) => heard.push(verdict))

  await run(house)

  expect(heard).toHaveLength(1)
})

test('a lane has a sample per round', async () => {
  const house = await openTestHouse()
  await run(house)

  const { points } = await ask(house, '/lanes/function/history')

  expect(points.at(-1)).toMatchObject({ ready: 0, running: 0, oldestWaitMs: 0, waitP99: null })
})
