import { expect, test } from 'vitest'
import { createPasswordHasher } from '../../../src/module/access/password.ts'
import { openAccessHouse } from './house.ts'

async function houseWithRoot() {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  return { ...house, root }
}

test('a name is taken whatever its case', async () => {
  const house = await houseWithRoot()
  await house.call(house.root, 'access_user_create', { name: 'Ada' })

  await expect(house.call(house.root, 'access_user_create', { name: 'aDA' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(house.call(house.root, 'access_user_create', { name: 'ｒｏｏｔ' })).rejects.toMatchObject({ code: 'conflict' })
})

test('users are found by part of name or address, page by page, newest first', async () => {
  const house = await houseWithRoot()
  for (const name of ['ada', 'adele', 'bob', 'under_score', 'percent']) {
    await house.call(house.root, 'access_user_create', { name, email: `${name}@example.org` })
  }
  const names = async (input: object) => {
    const { users, nextCursor } = await house.call(house.root, 'access_user_list', input)
    return { names: users.map(({ name }: { name: string }) => name), nextCursor }
  }

  expect(await names({ search: 'AD' })).toEqual({ names: ['adele', 'ada'], nextCursor: null })
  expect(await names({ search: 'bob@' })).toEqual({ names: ['bob'], nextCursor: null })
  expect(await names({ search: 'r_s' })).toEqual({ names: ['under_score'], nextCursor: null })
  expect(await names({ search: '%' })).toEqual({ names: [], nextCursor: null })
  const first = await names({ limit: 4 })
  expect(first.names).toEqual(['percent', 'under_score', 'bob', 'adele'])
  expect(await names({ limit: 4, cursor: first.nextCursor })).toEqual({ names: ['ada', 'root'], nextCursor: null })
})

test('a change needs the lock of the row that it was made from', async () => {
  const house = await houseWithRoot()
  const { user } = await house.call(house.root, 'access_user_create', { name: 'ada' })

  const changed = await house.call(house.root, 'access_user_update', {
    id: user.id,
    updatedAt: user.updatedAt,
    email: 'ada@example.org',
  })

  expect(changed.user).toMatchObject({ name: 'ada', email: 'ada@example.org' })
  await expect(
    house.call(house.root, 'access_user_update', { id: user.id, updatedAt: user.updatedAt, name: 'late' }),
  ).rejects.toMatchObject({ code: 'conflict' })
})

test('answers about users hold neither hash nor seal', async () => {
  const house = await houseWithRoot()
  const { user } = await house.call(house.root, 'access_user_create', { name: 'ada', password: 'correct horse battery staple' })
  const rows = await house.store.db.selectFrom('user').selectAll().execute()

  const answers = [
    await house.call(house.root, 'access_user_list'),
    await house.call(house.root, 'access_user_get', { id: user.id }),
    await house.call(house.root, 'access_grant_list', { userId: house.root.userId }),
  ]

  for (const { mac, password_hash } of rows) {
    expect(JSON.stringify(answers)).not.toContain(mac)
    if (password_hash) expect(JSON.stringify(answers)).not.toContain(password_hash)
  }
})

test('everybody is told who they are and what they may', async () => {
  const house = await houseWithRoot()
  await house.user('ada', 'role:viewer')
  const { token, id } = await house.token('ada', 'self.*')

  const me = await house.call(await house.bearer(token), 'access_me')

  expect(me).toMatchObject({
    name: 'ada (test)',
    authPath: 'token',
    tokenId: id,
    keys: ['*.read', 'self.write'],
    scope: ['self.*'],
    permits: ['self.read', 'self.write'],
  })
})

test('the gateway itself may ask who it is', async () => {
  const house = await openAccessHouse()

  const me = await house.call(await systemCaller(), 'access_me')

  expect(me).toMatchObject({ id: 'system', userId: null, tokenId: null })
})

test('passwords are checked two at a time, and a crowd is sent away', async () => {
  const hasher = createPasswordHasher()

  const results = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.verify(undefined, 'x')))

  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(40 - 2 - 32)
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'busy', retryAfterMs: 2_000 })
  await expect(hasher.verify(await hasher.hash('x'), 'x')).resolves.toBe(true)
})

async function systemCaller() {
  return (await import('../../system-caller.ts')).systemCaller
}
