import { expect, test } from 'vitest'
import { functionSettings } from '../../../src/module/function/function.settings.ts'
import type { FunctionStore } from '../../../src/module/function/function.store.ts'
import { purgeInvocations } from '../../../src/module/function/function-purge.ts'
import { openTestHouse } from '../../support.ts'
import { ask, get } from './ask.ts'

const SOURCE = 'export default ({ n }) => ({ n: n + 1 })'

test('a draft is written, read and listed; nobody can call it', async () => {
  const house = await openTestHouse()

  await get(house, 'POST', '/functions', { name: 'next', description: 'Counts on.', source: SOURCE, effect: 'read' })

  expect(await get(house, 'GET', '/functions/next')).toMatchObject({
    name: 'next',
    tool: 'fn__next',
    state: 'draft',
    version: null,
    changed: true,
    source: SOURCE,
    draft: { effect: 'read', language: 'javascript', backend: 'wasm', keys: [], limits: { timeoutMs: 5_000 } },
  })
  expect((await get(house, 'GET', '/functions?search=COUNTS')).functions).toMatchObject([{ name: 'next' }])
  expect((await get(house, 'GET', '/functions?state=published')).functions).toEqual([])
  expect(await ask(house, 'POST', '/tools/fn/next', { n: 1 })).toMatchObject({ status: 404 })
  expect(await ask(house, 'POST', '/functions/next/jobs', { input: { n: 1 } })).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
})

test('of two changes to one draft, the one that read an older state is refused', async () => {
  const house = await openTestHouse()
  const { updatedAt } = await get(house, 'POST', '/functions', { name: 'next', source: SOURCE })

  const first = await ask(house, 'PUT', '/functions/next', { updatedAt, source: 'export default () => 1' })
  const second = await ask(house, 'PUT', '/functions/next', { updatedAt, source: 'export default () => 2' })

  expect([first.status, second.status]).toEqual([200, 409])
  expect(second.body.detail).toContain('with its new updatedAt')
  expect(await get(house, 'GET', '/functions/next')).toMatchObject({ source: 'export default () => 1' })
})

test('a name is taken until its function is removed, and its history stays its own', async () => {
  const house = await openTestHouse()
  await get(house, 'POST', '/functions', { name: 'next', source: SOURCE })
  expect(await ask(house, 'POST', '/functions', { name: 'next', source: SOURCE })).toMatchObject({ status: 409 })

  await get(house, 'DELETE', '/functions/next')
  await get(house, 'POST', '/functions', { name: 'next', source: 'export default () => "new"' })

  expect(await get(house, 'GET', '/functions/next')).toMatchObject({ source: 'export default () => "new"' })
  const { db } = house.gatehouse.store<FunctionStore>('function')
  expect(await db.selectFrom('function').select('removed_at').orderBy('id').execute()).toEqual([
    { removed_at: expect.any(Number) },
    { removed_at: null },
  ])
})

test.each([
  ['a name with capitals', { name: 'Next' }, '/name'],
  ['a name that is too long for a tool', { name: 'n'.repeat(41) }, '/name'],
  ['an empty source', { source: '' }, '/source'],
  ['an unknown language', { language: 'cobol' }, '/language'],
  ['a limit beyond what there is', { limits: { memoryBytes: 2 ** 40 } }, '/limits/memoryBytes'],
  ['a key that is none', { keys: ['!tool:x'] }, '/keys/0'],
  ['a misspelt limit', { limits: { timeout: 1 } }, '/limits/timeout'],
])('%s is refused with its path', async (_, field, path) => {
  const house = await openTestHouse()

  const told = await ask(house, 'POST', '/functions', { name: 'next', source: SOURCE, ...field })

  expect(told).toMatchObject({ status: 400, body: { code: 'invalid', errors: [{ path }] } })
})

test('a source is no longer than the configuration allows', async () => {
  const house = await openTestHouse({ settings: { function: functionSettings.parse({ maxSourceChars: 1_000 }) } })

  const told = await ask(house, 'POST', '/functions', { name: 'next', source: ' '.repeat(1_001) })

  expect(told).toMatchObject({ status: 413, body: { code: 'too_large', detail: expect.stringContaining('maxSourceChars') } })
})

test('without a worker a check says what is missing', async () => {
  const house = await openTestHouse()
  await get(house, 'POST', '/functions', { name: 'next', source: SOURCE })

  expect(await ask(house, 'POST', '/functions/next/check', {})).toMatchObject({ status: 503, body: { code: 'unavailable' } })
})

test('runs are purged after their time, and the purge is written down', async () => {
  const house = await openTestHouse()
  await get(house, 'POST', '/functions', { name: 'next', source: SOURCE })
  const store = house.gatehouse.store<FunctionStore>('function')
  const { id } = await store.rows.get('next')
  const now = Date.now()
  for (const [runId, ended] of [
    [1, now - 31 * 86_400_000],
    [2, now],
    [3, null],
  ] as const)
    await addRun(store, id, runId, ended)

  expect(await purgeInvocations(store, now, new AbortController().signal)).toBe(1)

  expect((await get(house, 'GET', '/function-invocations')).invocations.map((run: { id: number }) => run.id)).toEqual([3, 2])
  expect(await store.db.selectFrom('purge').select(['before', 'invocations']).execute()).toEqual([
    { before: now - 30 * 86_400_000, invocations: 1 },
  ])
})

const addRun = (store: FunctionStore, functionId: number, id: number, endedAt: number | null) =>
  store.db
    .insertInto('invocation')
    .values({
      id,
      job_id: id,
      function_id: functionId,
      version: null,
      asked: 'test',
      caller_id: 'user:1',
      caller_name: 'root',
      token_id: null,
      request_id: 'r',
      depth: 0,
      key_hash: null,
      started_at: endedAt,
      ended_at: endedAt,
      duration_ms: 1,
      outcome: endedAt === null ? 'waiting' : 'ok',
      reason: null,
      message: null,
      logs: '[]',
      logs_cut: 0,
      updated_at: 1,
    })
    .execute()
