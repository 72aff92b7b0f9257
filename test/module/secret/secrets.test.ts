import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { lookAfter } from '../../../src/module/secret/look-after.ts'
import { stoppedClock } from '../../support.ts'
import { openSecrets } from './open-secrets.ts'

const FIRST = 'first-value-7391'
const SECOND = 'second-value-2846'
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

test('a secret is kept, and only revealing it gives its value', async () => {
  const { call } = await openSecrets()

  const made = await call('secret_create', { name: 'github', value: FIRST, description: 'Issues', issuer: 'https://github.com' })
  const listed = await call('secret_list')
  const got = await call('secret_get', { name: 'github' })
  const revealed = await call('secret_reveal', { name: 'github', reason: 'test' })

  expect(made).toMatchObject({ name: 'github', reference: 'secret:github', state: 'live', version: 1, useCount: 0 })
  expect(listed.secrets).toMatchObject([{ name: 'github', description: 'Issues' }])
  expect(got.versions).toMatchObject([{ version: 1, state: 'current' }])
  expect(JSON.stringify([made, listed, got])).not.toContain(FIRST)
  expect(revealed).toEqual({ name: 'github', version: 1, value: FIRST })
})

test('a new value is the next version, and the one before is kept for the overlap and then destroyed', async () => {
  const clock = stoppedClock()
  const { call, store, refused } = await openSecrets({ nowMs: clock.nowMs })
  await call('secret_create', { name: 'github', value: FIRST })

  await call('secret_set', { name: 'github', value: SECOND, overlapHours: 2 })

  expect((await call('secret_get', { name: 'github' })).versions).toMatchObject([
    { version: 2, state: 'current', usableUntil: null },
    { version: 1, state: 'kept', usableUntil: clock.nowMs() + 2 * HOUR_MS },
  ])
  expect(await call('secret_reveal', { name: 'github', version: 1, reason: 'test' })).toMatchObject({ value: FIRST })
  expect(await call('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ value: SECOND })
  clock.advance(2 * HOUR_MS)
  await lookAfter(store, clock.nowMs(), new AbortController().signal)
  expect((await call('secret_get', { name: 'github' })).versions).toMatchObject([{ state: 'current' }, { state: 'destroyed' }])
  expect(await refused('secret_reveal', { name: 'github', version: 1, reason: 'test' })).toMatchObject({ code: 'not_found' })
  expect(await refused('secret_roll_back', { name: 'github', version: 1 })).toMatchObject({ code: 'not_found' })
  const rows = await store.db.selectFrom('version').selectAll().where('version', '=', 1).execute()
  expect(rows).toMatchObject([{ sealed: Buffer.alloc(0), nonce: Buffer.alloc(0) }])
})

test('rolling back makes the old value the next version', async () => {
  const { call, refused } = await openSecrets()
  await call('secret_create', { name: 'github', value: FIRST })
  await call('secret_set', { name: 'github', value: SECOND })

  const back = await call('secret_roll_back', { name: 'github', version: 1 })

  expect(back.version).toBe(3)
  expect(await call('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ version: 3, value: FIRST })
  expect(await refused('secret_roll_back', { name: 'github', version: 3 })).toMatchObject({ code: 'conflict' })
  expect(await refused('secret_roll_back', { name: 'github', version: 9 })).toMatchObject({ code: 'not_found' })
})

test('what is removed can be restored until its values are destroyed', async () => {
  const clock = stoppedClock()
  const { call, refused, store } = await openSecrets({ nowMs: clock.nowMs })
  await call('secret_create', { name: 'github', value: FIRST })
  await call('secret_remove', { name: 'github' })

  expect(await refused('secret_get', { name: 'github' })).toMatchObject({ code: 'not_found' })
  expect((await call('secret_list', { removed: true })).secrets).toMatchObject([{ name: 'github', state: 'removed' }])
  await call('secret_restore', { name: 'github' })
  expect(await call('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ value: FIRST })
  await call('secret_remove', { name: 'github' })
  clock.advance(31 * DAY_MS)
  await lookAfter(store, clock.nowMs(), new AbortController().signal)

  expect(await refused('secret_restore', { name: 'github' })).toMatchObject({ code: 'not_found' })
})

test('a name is taken once, and free again after a removal', async () => {
  const { call, refused } = await openSecrets()
  await call('secret_create', { name: 'github', value: FIRST })

  expect(await refused('secret_create', { name: 'github', value: SECOND })).toMatchObject({ code: 'conflict' })
  await call('secret_remove', { name: 'github' })
  await call('secret_create', { name: 'github', value: SECOND })

  expect(await refused('secret_restore', { name: 'github' })).toMatchObject({ code: 'conflict' })
  expect(await call('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ value: SECOND })
})

test('the description changes under an optimistic lock', async () => {
  const { call, refused } = await openSecrets()
  const { updatedAt } = await call('secret_create', { name: 'github', value: FIRST })

  const changed = await call('secret_update', { name: 'github', updatedAt, description: 'Issues', expiresAt: 99 })

  expect(changed).toMatchObject({ description: 'Issues', expiresAt: 99, state: 'expired', version: 1 })
  expect(await refused('secret_update', { name: 'github', updatedAt, issuer: 'x' })).toMatchObject({ code: 'conflict' })
  expect(await refused('secret_update', { name: 'github', updatedAt: changed.updatedAt })).toMatchObject({ code: 'invalid' })
})

test('two who set a value at once make two versions, and none is lost', async () => {
  const { call } = await openSecrets()
  await call('secret_create', { name: 'github', value: FIRST })

  await Promise.all(Array.from({ length: 10 }, (_, index) => call('secret_set', { name: 'github', value: `${SECOND}-${index}` })))

  const { versions } = await call('secret_get', { name: 'github' })
  expect(versions.map(({ version }: any) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
})

test('lists are searched and paged', async () => {
  const { call } = await openSecrets()
  for (const name of ['a_one', 'a-two', 'axone', 'b.three', 'c']) await call('secret_create', { name, value: FIRST })

  const first = await call('secret_list', { limit: 2 })
  const second = await call('secret_list', { limit: 2, cursor: first.nextCursor })
  const last = await call('secret_list', { limit: 2, cursor: second.nextCursor })

  const names = [first, second, last].flatMap(({ secrets }) => secrets.map(({ name }: any) => name))
  expect(names).toEqual(['a-two', 'a_one', 'axone', 'b.three', 'c'])
  expect(last.nextCursor).toBeNull()
  expect((await call('secret_list', { search: 'a_' })).secrets).toMatchObject([{ name: 'a_one' }])
  expect((await call('secret_list', { search: '%' })).secrets).toEqual([])
})

test('reminders come once for each day that is configured, and say who uses it', async () => {
  const clock = stoppedClock()
  const { call, store, house } = await openSecrets({ nowMs: clock.nowMs })
  await call('secret_create', { name: 'github', value: FIRST, validDays: 8, issuer: 'https://github.com' })
  store.uses.declare('upstream github', { TOKEN: 'secret:github' })
  const reminders = async (): Promise<string[]> => {
    await lookAfter(store, clock.nowMs(), new AbortController().signal)
    return house.lines.filter(({ event }) => /^secret\.expire/.test(event)).map(({ event }) => event)
  }

  expect(await reminders()).toHaveLength(1)
  expect(await reminders()).toHaveLength(1)
  clock.advance(2 * DAY_MS)
  expect(await reminders()).toHaveLength(2)
  expect((await call('secret_list', { expiresWithinDays: 7 })).secrets).toMatchObject([{ name: 'github', state: 'expiring' }])
  clock.advance(6 * DAY_MS)
  expect((await reminders()).at(-1)).toBe('secret.expired')
  expect(house.lines.findLast(({ event }) => event === 'secret.expired')?.fields).toMatchObject({ usedBy: ['upstream github'] })
  await call('secret_set', { name: 'github', value: SECOND, validDays: 100 })
  expect(await reminders()).toHaveLength(3)
})

test.each([
  ['short', 'seven77'],
  ['only spaces', '         '],
  ['with a NUL', 'abc\0defghi'],
  ['with half a surrogate pair', 'abcdefgh\ud800'],
])('a value that is %s is refused, and not shown in the refusal', async (_, value) => {
  const { refused } = await openSecrets()

  const fault = await refused('secret_create', { name: 'github', value })

  expect(fault.code).toBe('invalid')
  expect(fault.message + JSON.stringify(fault.details)).not.toContain(value)
})

test('only who holds secret.reveal is given a value, whatever else of secrets they hold', async () => {
  const { call, house } = await openSecrets()
  await call('secret_create', { name: 'github', value: FIRST })
  const reveal = (token: string) =>
    house.fetch('/api/secrets/github/reveal', token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"reason": "test"}',
    })

  expect((await reveal(await house.token('secret.read', 'secret.write', 'secret.rotate', '*.read'))).status).toBe(403)
  expect(await (await reveal(await house.token('secret.reveal'))).json()).toMatchObject({ value: FIRST })
})

test('a secret that the disk did not take is refused in words that say so, and the one before stays', async () => {
  const { call, refused, store } = await openSecrets()
  await call('secret_create', { name: 'kept', value: 'the first value' })
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db)
  await sql.raw(`pragma max_page_count = ${rows[0]!.page_count + 1}`).execute(store.db)
  const large = 'x'.repeat(30_000)

  const refusals = [
    await refused('secret_create', { name: 'new', value: large }),
    await refused('secret_set', { name: 'kept', value: large }),
  ]

  expect(refusals.map(({ code, message }) => [code, /disk is full/.test(message)])).toEqual([
    ['unavailable', true],
    ['unavailable', true],
  ])
  expect(await call('secret_reveal', { name: 'kept', reason: 'to look' })).toMatchObject({ version: 1, value: 'the first value' })
})
