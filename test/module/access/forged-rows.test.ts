import { expect, test } from 'vitest'
import { addUser } from '../../../src/module/access/users.ts'
import { type AccessTestHouse, openAccessHouse, PASSWORD } from './house.ts'

/** Somebody who can write the file, but does not have the keys; the gateway then reads everything anew. */
async function tamper(house: AccessTestHouse, work: (db: AccessTestHouse['store']['db']) => Promise<unknown>): Promise<void> {
  await work(house.store.db)
  house.store.rights.forget(undefined)
}

const forged = (house: AccessTestHouse, kind: string) =>
  house.logged.filter(({ event, fields }) => event === 'access.forged_row' && fields['kind'] === kind)

test('a grant that somebody else wrote grants nothing, shows as forged and is logged', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'access.read')
  await tamper(house, async (db) => {
    const row = await db.selectFrom('grant').selectAll().executeTakeFirstOrThrow()
    await db
      .insertInto('grant')
      .values({ ...row, id: row.id + 1, key: '*' })
      .execute()
  })

  const caller = await house.asUser(ada)
  const { grants } = await house.call(caller, 'access_grant_list', { userId: ada })

  expect(caller.grants.allows('*')).toBe(false)
  expect(caller.grants.allows('access.read')).toBe(true)
  expect(grants.map(({ state }: { state: string }) => state)).toEqual(['forged', 'live'])
  expect(forged(house, 'grant')).toHaveLength(1)
})

test.each([
  ['another key', { key: 'access.write' }],
  ['a later end', { expires_at: 9_999_999_999_999 }],
])('a grant that was given %s behind the gateway’s back grants nothing', async (_, change) => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'access.read')

  await tamper(house, (db) => db.updateTable('grant').set(change).execute())

  const { grants } = await house.asUser(ada)
  expect(grants.allows('access.read')).toBe(false)
  expect(grants.allows('access.write')).toBe(false)
})

test('a grant that was moved to another user grants nothing', async () => {
  const house = await openAccessHouse()
  await house.user('root', 'role:admin')
  const eve = await house.user('eve')

  await tamper(house, (db) => db.updateTable('grant').set({ user_id: eve }).execute())

  expect((await house.asUser(eve)).grants.allows('*')).toBe(false)
})

test('a removal that is taken back stays in force', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const ada = await house.user('ada', 'tool:x')
  const { grants } = await house.call(root, 'access_grant_list', { userId: ada })
  await house.call(root, 'access_grant_remove', { id: grants[0].id })

  await tamper(house, (db) => db.updateTable('grant').set({ removed_at: null }).where('user_id', '=', ada).execute())

  expect((await house.asUser(ada)).grants.allows('tool:x')).toBe(false)
})

test('a custom role that somebody widened brings nothing', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  await house.call(root, 'access_role_put', { name: 'reader', keys: ['tool:x'] })
  const ada = await house.user('ada', 'role:reader')

  await tamper(house, (db) => db.updateTable('role').set({ keys: '["*"]' }).execute())

  const { grants } = await house.asUser(ada)
  expect(grants.allows('tool:x')).toBe(false)
  expect(grants.allows('*')).toBe(false)
  expect(forged(house, 'role')).toHaveLength(1)
})

test('a custom role cannot stand in for a built-in one', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  await house.call(root, 'access_role_put', { name: 'mine', keys: ['*'] })
  const ada = await house.user('ada', 'role:viewer')

  await tamper(house, (db) => db.updateTable('role').set({ name: 'viewer' }).execute())

  expect((await house.asUser(ada)).grants.allows('*')).toBe(false)
})

test.each([
  ['a wider scope', { scope: 'full' as const, keys: '[]' }],
  ['other keys', { keys: '["*"]' }],
  ['a later end', { expires_at: 9_999_999_999_999 }],
])('a token that was given %s opens nothing', async (_, change) => {
  const house = await openAccessHouse()
  await house.user('ada', '*')
  const { token } = await house.token('ada', 'tool:x')

  await tamper(house, (db) => db.updateTable('token').set(change).execute())

  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized' })
  expect(forged(house, 'token')).toHaveLength(1)
})

test('a token that was given to another user opens nothing', async () => {
  const house = await openAccessHouse()
  const root = await house.user('root', 'role:admin')
  await house.user('eve')
  const { token } = await house.token('eve')

  await tamper(house, (db) => db.updateTable('token').set({ user_id: root }).execute())

  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a token that was cut off from its parent opens nothing', async () => {
  const house = await openAccessHouse()
  await house.user('ada', '*')
  const parent = await house.token('ada', 'tool:*', 'self.write')
  const child = await house.call(await house.bearer(parent.token), 'access_token_create', { label: 'child', scope: 'full' })

  await tamper(house, (db) => db.updateTable('token').set({ parent_id: null }).execute())

  await expect(house.bearer(child.token)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a revocation that is taken back stays in force', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'self.write')
  const { id, token } = await house.token('ada')
  await house.call(await house.asUser(ada), 'access_token_revoke', { id })

  await tamper(house, (db) => db.updateTable('token').set({ revoked_at: null }).execute())

  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a planted password opens no session, and cannot be made good by changing the user', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const ada = await addUser(house.store, { name: 'ada', password: PASSWORD, keys: ['*.read'], by: 'test' })
  const planted = await house.store.passwords.hash('planted by eve')

  await tamper(house, (db) => db.updateTable('user').set({ password_hash: planted }).where('id', '=', ada.id).execute())

  const { authenticator } = house.gatehouse
  await expect(authenticator.signIn('ada', 'planted by eve', '192.0.2.1')).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(
    house.call(root, 'access_user_update', { id: ada.id, updatedAt: ada.updated_at, name: 'ada2' }),
  ).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(house.call(root, 'access_user_disable', { id: ada.id })).rejects.toMatchObject({ code: 'conflict' })
  expect(forged(house, 'user')).not.toEqual([])
})

test('a session that was moved to another user, or brought back, is no session', async () => {
  const house = await openAccessHouse()
  const root = await house.user('root', 'role:admin')
  await addUser(house.store, { name: 'eve', password: PASSWORD, keys: [], by: 'test' })
  const { authenticator } = house.gatehouse
  const one = await authenticator.signIn('eve', PASSWORD, '192.0.2.1')
  const two = await authenticator.signIn('eve', PASSWORD, '192.0.2.1')
  await authenticator.signOut(two.cookie)

  await tamper(house, (db) => db.updateTable('session').set({ user_id: root }).where('revoked_at', 'is', null).execute())
  await tamper(house, (db) => db.updateTable('session').set({ revoked_at: null }).execute())

  expect(await authenticator.session(one.cookie)).toBeUndefined()
  expect(await authenticator.session(two.cookie)).toBeUndefined()
  expect(forged(house, 'session')).toHaveLength(2)
})

test('an invitation that somebody widened lets nobody in', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const { token } = await house.call(root, 'access_invitation_create', { keys: ['role:viewer'] })

  await tamper(house, (db) => db.updateTable('invitation').set({ keys: '["*"]' }).execute())

  await expect(
    house.gatehouse.authenticator.join({ name: 'eve', password: PASSWORD, invitation: token }, '192.0.2.1'),
  ).rejects.toMatchObject({ code: 'forbidden' })
})
