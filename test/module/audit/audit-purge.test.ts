import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openAuditStore } from '../../../src/module/audit/audit.store.ts'
import { purgeCalls } from '../../../src/module/audit/audit-purge.ts'
import { callDetail } from '../../../src/module/audit/shown-call.ts'
import { verifyAudit } from '../../../src/module/audit/verify-audit.ts'
import { auditSettings, endingOf, KEYS, NOW, temporaryFolder, testWorld, visitOf } from './audit-house.ts'

const DAY_MS = 86_400_000
const running = new AbortController().signal

const verified = async (folder: string) => (await verifyAudit(folder, KEYS)).stores.find(({ store }) => store === 'audit')

/** A store on disk with a call every day for a hundred days, purged on the last. */
async function purged(settings: Parameters<typeof auditSettings>[0] = {}) {
  const folder = await temporaryFolder()
  const world = testWorld(folder, auditSettings(settings))
  const store = await openAuditStore(world.house)
  const ids: number[] = []
  for (let day = 0; day < 100; day += 1) {
    world.now = NOW + day * DAY_MS
    for (let calls = 0; calls < 5; calls += 1) {
      const visit = visitOf(world)
      ids.push(visit.id)
      store.journal.begin(visit)
      store.journal.finish(visit, endingOf())
    }
  }
  const gone = await purgeCalls(store, world.now, running)
  return { folder, world, store, ids, gone }
}

test('a purge takes calls and payloads that are past their time, and the chain stays good', async () => {
  const { folder, store, ids, gone } = await purged()
  const rows = await store.upToDate().selectFrom('call').select('id').orderBy('id').execute()
  const oldest = await callDetail(store, ids[50]!)
  const newest = await callDetail(store, ids.at(-1)!)
  await store.close()

  expect(gone.calls).toBe(9 * 5)
  expect(rows.map(({ id }) => id)).toEqual(ids.slice(45))
  expect(oldest).toMatchObject({ request: null, response: null, payloadsPurged: true, requestDigest: expect.any(String) })
  expect(newest).toMatchObject({ request: { path: '/tmp/a' }, payloadsPurged: false })
  expect(await verified(folder)).toMatchObject({ ok: true, purged: 90, broken: undefined })
})

test('a purge is recorded in the chain', async () => {
  const { store, world } = await purged()
  const links = await store.database.db.selectFrom('chain').select(['content', 'at']).where('kind', '=', 'purge').execute()
  await store.close()

  expect(links.map(({ content }) => JSON.parse(content!))).toEqual([
    { what: 'calls', before: world.now - 90 * DAY_MS },
    { what: 'payloads', before: world.now - 30 * DAY_MS },
  ])
})

test('after a purge, a removal by hand is still found', async () => {
  const { folder, store } = await purged()
  await store.close()
  const raw = new BetterSqlite3(join(folder, 'audit.sqlite'))
  raw.exec('delete from call where id in (select ref from chain where seq <= 100); delete from chain where seq <= 100')
  raw.close()

  expect(await verified(folder)).toMatchObject({ ok: false, broken: { seq: 91 } })
})

test('a purge spares a call that still runs, and stops when it is told to', async () => {
  const world = testWorld(':memory:', auditSettings({ retentionDays: 1, payloadDays: 1 }))
  const store = await openAuditStore(world.house)
  const hanging = visitOf(world)
  store.journal.begin(hanging)
  const ended = visitOf(world)
  store.journal.begin(ended)
  store.journal.finish(ended, endingOf())
  world.now += 3 * DAY_MS

  expect(await purgeCalls(store, world.now, running)).toEqual({ calls: 0, payloads: 3 })
  store.journal.finish(hanging, endingOf())
  expect(await purgeCalls(store, world.now, AbortSignal.abort())).toEqual({ calls: 0, payloads: 0 })
  expect((await callDetail(store, hanging.id))?.outcome).toBe('ok')
  expect(await purgeCalls(store, world.now, running)).toMatchObject({ calls: 1 })
  await store.close()
})

test('calls go on being written while a purge runs', async () => {
  const { store, world } = await purged({ retentionDays: 3_650, payloadDays: 3_650 })
  world.now += 4_000 * DAY_MS
  const purging = purgeCalls(store, world.now, running)
  for (let calls = 0; calls < 200; calls += 1) {
    const visit = visitOf(world)
    store.journal.begin(visit)
    if (calls % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    store.journal.finish(visit, endingOf())
  }
  const gone = await purging
  const rows = await store.upToDate().selectFrom('call').select('id').execute()
  await store.close()

  expect(gone.calls).toBe(500)
  expect(rows).toHaveLength(200)
  expect(await verified(world.house.dataDir)).toMatchObject({ ok: true })
})
