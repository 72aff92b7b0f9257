import { expect, test } from 'vitest'
import { createFirstAdmin } from '../../../src/module/access/create-first-admin.ts'
import { createUser } from '../../../src/module/access/create-user.ts'
import { openAccessHouse, PASSWORD } from './house.ts'

const HERE = '192.0.2.1'
const DAY = 86_400_000

async function invite(settings: object = {}) {
  const house = await openAccessHouse({ settings })
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const answer = await house.call(root, 'access_invitation_create', { email: 'grace@example.org', keys: ['tool:files__*'] })
  return { ...house, root, secret: answer.token as string, invitation: answer.invitation }
}

test('the first user is made by init, may do everything, and there is only one such', async () => {
  const house = await openAccessHouse()

  const { name, password } = await createFirstAdmin(house.store, { name: 'Root' })
  const { caller } = await house.gatehouse.authenticator.signIn('root', password, HERE)

  expect(name).toBe('Root')
  expect(password).toMatch(/^[0-9A-Za-z]{20}$/)
  expect(caller.grants.allows('*')).toBe(true)
  await expect(createFirstAdmin(house.store, { name: 'other' })).rejects.toMatchObject({ code: 'conflict' })
})

test('who is invited makes an account, holds what the invitation says, and is signed in', async () => {
  const house = await invite()

  const { cookie, caller } = await house.gatehouse.authenticator.join(
    { name: 'grace', password: PASSWORD, invitation: house.secret },
    HERE,
  )

  expect(await house.gatehouse.authenticator.session(cookie)).toBeDefined()
  expect(caller.grants.allows('tool:files__read')).toBe(true)
  expect(caller.grants.allows('access.read')).toBe(false)
  const { user } = await house.call(house.root, 'access_user_get', { id: caller.userId })
  expect(user).toMatchObject({ name: 'grace', email: 'grace@example.org', keys: ['tool:files__*'] })
  const { invitations } = await house.call(house.root, 'access_invitation_list')
  expect(invitations).toMatchObject([{ state: 'accepted' }])
})

test('an invitation is good once', async () => {
  const house = await invite()
  const { authenticator } = house.gatehouse
  const join = (name: string) => authenticator.join({ name, password: PASSWORD, invitation: house.secret }, HERE)

  const results = await Promise.allSettled([join('grace'), join('eve')])

  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(join('late')).rejects.toMatchObject({ code: 'forbidden' })
  expect(await house.store.db.selectFrom('user').selectAll().execute()).toHaveLength(2)
})

test('a name that is taken does not use the invitation up', async () => {
  const house = await invite()
  const { authenticator } = house.gatehouse

  await expect(authenticator.join({ name: 'ROOT', password: PASSWORD, invitation: house.secret }, HERE)).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(authenticator.join({ name: 'grace', password: PASSWORD, invitation: house.secret }, HERE)).resolves.toBeDefined()
})

test('an invitation that expired, was taken back or is made up lets nobody in, and all are told the same', async () => {
  const house = await invite()
  const { authenticator } = house.gatehouse
  const other = await house.call(house.root, 'access_invitation_create', { keys: ['role:viewer'] })
  await house.call(house.root, 'access_invitation_revoke', { id: other.invitation.id })
  const join = (invitation: string) =>
    authenticator.join({ name: 'grace', password: PASSWORD, invitation }, HERE).catch((fault: unknown) => fault)

  const revoked = await join(other.token)
  const garbled = await join('si_nonsense')
  house.clock.advance(7 * DAY)
  const expired = await join(house.secret)

  expect(revoked).toMatchObject({ code: 'forbidden' })
  expect(garbled).toEqual(revoked)
  expect(expired).toEqual(revoked)
})

test('without an invitation nobody joins, unless registration is open', async () => {
  const closed = await openAccessHouse()
  const open = await openAccessHouse({ settings: { openRegistration: true } })
  const request = { name: 'grace', password: PASSWORD }

  await expect(closed.gatehouse.authenticator.join(request, HERE)).rejects.toMatchObject({ code: 'forbidden' })
  const { caller } = await open.gatehouse.authenticator.join(request, HERE)

  expect(caller.grants.allows('access.read')).toBe(true)
  expect(caller.grants.allows('access.write')).toBe(false)
})

test('one address makes only so many accounts', async () => {
  const house = await openAccessHouse({ settings: { openRegistration: true } })
  const join = (name: string) => house.gatehouse.authenticator.join({ name, password: PASSWORD }, HERE)
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) await join(name)

  await expect(join('a6')).rejects.toMatchObject({ code: 'rate_limited' })
})

test.each([
  { name: 'grace hopper' },
  { name: '' },
  { name: 'grace', password: 'short' },
  { name: 'grace', email: 'not-an-address' },
])('what will not do is said: %j', async (request) => {
  const house = await openAccessHouse({ settings: { openRegistration: true } })

  await expect(house.gatehouse.authenticator.join({ password: PASSWORD, ...request }, HERE)).rejects.toMatchObject({
    code: 'invalid',
  })
})

test('the command line makes users by known keys only, and makes up a password', async () => {
  const house = await openAccessHouse()

  const { id, password } = await createUser(house.store, { name: 'ada', keys: ['role:operator'] })

  await expect(house.gatehouse.authenticator.signIn('ada', password, HERE)).resolves.toMatchObject({ caller: { userId: id } })
  await expect(createUser(house.store, { name: 'Ada', keys: [] })).rejects.toMatchObject({ code: 'conflict' })
  await expect(createUser(house.store, { name: 'bob', keys: ['role:operater'] })).rejects.toMatchObject({ code: 'invalid' })
  await expect(createUser(house.store, { name: 'b o b', keys: [] })).rejects.toMatchObject({ code: 'invalid' })
})
