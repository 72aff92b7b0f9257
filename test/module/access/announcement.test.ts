import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createIds } from '../../../src/core/id.ts'
import { type AccessStore, openAccessStore } from '../../../src/module/access/access.store.ts'
import { createToken } from '../../../src/module/access/create-token.ts'
import { createUser } from '../../../src/module/access/create-user.ts'
import { addGrant } from '../../../src/module/access/grants.ts'
import { type AccessTestHouse, openAccessHouse } from './house.ts'

function heard(house: AccessTestHouse): (number | undefined)[] {
  const users: (number | undefined)[] = []
  house.gatehouse.events.subscribe('access', ({ userId }) => users.push(userId))
  return users
}

test('a change of rights is announced once it is written, to those whom it concerns', async () => {
  const house = await openAccessHouse({ start: true })
  const users = heard(house)

  const ada = await house.user('ada', 'tool:*')
  await vi.waitFor(() => expect(users).toEqual([ada]))
  await addGrant(house.store, { userId: ada, key: '*.read', expiresAt: null, by: 'test' })

  await vi.waitFor(() => expect(users).toEqual([ada, ada]))
})

test('a change that is refused announces nothing', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'tool:x')

  await expect(addGrant(house.store, { userId: ada, key: 'tool:x', expiresAt: null, by: 'test' })).rejects.toMatchObject({
    code: 'conflict',
  })

  expect(await house.store.db.selectFrom('outbox').selectAll().execute()).toHaveLength(1)
})

test('a listener hears of a change when the old rights are already gone', async () => {
  const house = await openAccessHouse({ start: true })
  const ada = await house.user('ada')
  const { token } = await house.token('ada')
  await house.bearer(token)
  const allowed = new Promise<boolean>((resolve) => {
    house.gatehouse.events.subscribe('access', async () => resolve((await house.bearer(token)).grants.allows('tool:x')))
  })

  await addGrant(house.store, { userId: ada, key: 'tool:x', expiresAt: null, by: 'test' })

  expect(await allowed).toBe(true)
})

test('a grant that runs out is announced', async () => {
  const house = await openAccessHouse({ start: true })
  const ada = await house.user('ada')
  await addGrant(house.store, { userId: ada, key: 'tool:x', expiresAt: house.clock.nowMs() + 5_000, by: 'test' })
  const users = heard(house)
  await vi.waitFor(() => expect(users).toEqual([ada]))

  house.clock.advance(5_000)

  await vi.waitFor(() => expect(users).toEqual([ada, ada]), 5_000)
})

test('what another process writes acts in the running gateway within about a second', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const house = await openAccessHouse({ dataDir, start: true, nowMs: Date.now })
  const ada = await house.user('ada')
  const { token } = await house.token('ada')
  expect((await house.bearer(token)).grants.allows('tool:x')).toBe(false)
  const users = heard(house)
  const other = await openBeside(house)

  await addGrant(other, { userId: ada, key: 'tool:x', expiresAt: null, by: 'cli' })

  await vi.waitFor(() => expect(users).toContain(ada), 5_000)
  expect((await house.bearer(token)).grants.allows('tool:x')).toBe(true)
})

test('users and tokens made beside the running gateway are good at once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const house = await openAccessHouse({ dataDir, start: true, nowMs: Date.now })
  const other = await openBeside(house)

  const { name } = await createUser(other, { name: 'ada', keys: ['role:agent'] })
  const { token } = await createToken(other, { userName: name, label: 'cli', scope: 'full', keys: [], expiresAt: null })

  expect((await house.bearer(token)).grants.allows('tool:x')).toBe(true)
})

test('both processes can write at once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const house = await openAccessHouse({ dataDir, start: true, nowMs: Date.now })
  const ada = await house.user('ada')
  const script = new URL('./write-beside.ts', import.meta.url).pathname

  const child = promisify(execFile)(process.execPath, [script, dataDir, String(ada), '25'])
  const own = Array.from({ length: 25 }, (_, index) =>
    addGrant(house.store, { userId: ada, key: `tool:own${index}`, expiresAt: null, by: 'test' }),
  )
  await Promise.all([child, ...own])

  await vi.waitFor(async () => expect((await house.asUser(ada)).grants.allows('tool:beside24')).toBe(true), 5_000)
  expect(await house.store.db.selectFrom('grant').selectAll().execute()).toHaveLength(50)
})

async function openBeside(house: AccessTestHouse): Promise<AccessStore> {
  const store = await openAccessStore({ ...house.store.house, nextId: createIds(Date.now) })
  onTestFinished(() => store.close())
  return store
}
