import { expect, test, vi } from 'vitest'
import { checkPassword } from '../../../src/module/access/sign-in.ts'
import { addUser } from '../../../src/module/access/users.ts'
import { type AccessTestHouse, openAccessHouse, PASSWORD } from './house.ts'

const HERE = '192.0.2.1'
const MINUTE = 60_000

async function houseWithAda(options: Parameters<typeof openAccessHouse>[0] = {}) {
  const house = await openAccessHouse(options)
  const ada = await addUser(house.store, { name: 'Ada', password: PASSWORD, keys: ['*.read', 'self.write'], by: 'test' })
  return { ...house, ada }
}

const signIn = (house: AccessTestHouse, name: string, password: string, address = HERE) =>
  house.gatehouse.authenticator.signIn(name, password, address)

test('name and password open a session, whatever the case of the name', async () => {
  const house = await houseWithAda()

  const { cookie, caller } = await signIn(house, 'aDA', PASSWORD)
  const session = await house.gatehouse.authenticator.session(cookie)

  expect(caller).toMatchObject({ id: `user:${house.ada.id}`, name: 'Ada', authPath: 'session', tokenId: undefined })
  expect(session?.caller).toEqual(caller)
  expect(session?.csrf).toHaveLength(43)
})

test('each sign-in makes a new cookie with its own CSRF token', async () => {
  const house = await houseWithAda()
  const { authenticator } = house.gatehouse

  const one = await signIn(house, 'ada', PASSWORD)
  const two = await signIn(house, 'ada', PASSWORD)

  expect(one.cookie).not.toBe(two.cookie)
  expect((await authenticator.session(one.cookie))?.csrf).not.toBe((await authenticator.session(two.cookie))?.csrf)
})

test('neither cookie nor CSRF token nor password is in the store', async () => {
  const house = await houseWithAda()
  const { cookie } = await signIn(house, 'ada', PASSWORD)
  const { csrf } = (await house.gatehouse.authenticator.session(cookie))!

  const sessions = await house.store.db.selectFrom('session').selectAll().execute()
  const users = await house.store.db.selectFrom('user').selectAll().execute()

  for (const secret of [cookie, csrf, PASSWORD]) expect(JSON.stringify({ sessions, users })).not.toContain(secret)
  expect(users[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/)
})

test('a wrong name and a wrong password are answered alike, after the same work', async () => {
  const house = await houseWithAda()
  const verify = vi.spyOn(house.store.passwords, 'verify')

  const wrongPassword = await signIn(house, 'ada', 'wrong password').catch((fault: unknown) => fault)
  const wrongName = await signIn(house, 'nobody', PASSWORD).catch((fault: unknown) => fault)

  expect(wrongName).toEqual(wrongPassword)
  expect(wrongName).toMatchObject({ code: 'unauthorized', message: 'Name or password is wrong.' })
  expect(verify).toHaveBeenCalledTimes(2)
})

test.each(['ada', 'nobody'])(
  'five failures lock %s at this address for 15 minutes, and the refusal says until when',
  async (name) => {
    const house = await houseWithAda()
    for (let i = 0; i < 5; i += 1) await expect(signIn(house, name, 'wrong')).rejects.toMatchObject({ code: 'unauthorized' })
    house.clock.advance(MINUTE)

    await expect(signIn(house, name, PASSWORD)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 14 * MINUTE,
      message: 'Too many failed sign-ins. Try again in 14 minutes.',
    })
  },
)

test('the lock ends by itself after 15 minutes, and trying meanwhile does not prolong it', async () => {
  const house = await houseWithAda()
  for (let i = 0; i < 5; i += 1) await signIn(house, 'ada', 'wrong').catch(() => undefined)
  house.clock.advance(10 * MINUTE)
  await expect(signIn(house, 'ada', PASSWORD)).rejects.toMatchObject({ code: 'rate_limited' })

  house.clock.advance(5 * MINUTE)

  await expect(signIn(house, 'ada', PASSWORD)).resolves.toBeDefined()
})

test('the lock holds for one name at one address only', async () => {
  const house = await houseWithAda()
  for (let i = 0; i < 5; i += 1) await signIn(house, 'nobody', 'wrong').catch(() => undefined)

  await expect(signIn(house, 'ada', PASSWORD)).resolves.toBeDefined()
  await expect(signIn(house, 'nobody', 'wrong', '192.0.2.2')).rejects.toMatchObject({ code: 'unauthorized' })
})

test('an address that tries many names is locked altogether', async () => {
  const house = await houseWithAda({ settings: { lockout: { failuresPerAddress: 6 } } })
  for (let i = 0; i < 6; i += 1) await signIn(house, `nobody${i}`, 'wrong', `2001:db8::${i}`).catch(() => undefined)

  await expect(signIn(house, 'ada', PASSWORD, '2001:db8::ffff')).rejects.toMatchObject({ code: 'rate_limited' })
  await expect(signIn(house, 'ada', PASSWORD, '192.0.2.9')).resolves.toBeDefined()
})

test('many attempts at once do not slip in under the limit', async () => {
  const house = await houseWithAda()
  const verify = vi.spyOn(house.store.passwords, 'verify')

  const results = await Promise.allSettled(Array.from({ length: 20 }, () => signIn(house, 'ada', 'wrong')))

  expect(verify).toHaveBeenCalledTimes(5)
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([])
})

test('a success forgets the failures before it', async () => {
  const house = await houseWithAda()
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 4; i += 1) await signIn(house, 'ada', 'wrong').catch(() => undefined)
    await expect(signIn(house, 'ada', PASSWORD)).resolves.toBeDefined()
  }
})

test('a name that was typed is not kept as text', async () => {
  const house = await houseWithAda()
  await signIn(house, 'my-secret-by-mistake', 'wrong').catch(() => undefined)

  const rows = await house.store.db.selectFrom('login_failure').selectAll().execute()

  expect(rows).toHaveLength(1)
  expect(JSON.stringify([rows, house.logged])).not.toContain('my-secret')
})

test('a user without a password cannot sign in', async () => {
  const house = await openAccessHouse()
  await house.user('robot', 'tool:*')

  await expect(signIn(house, 'robot', '')).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a session ends after 12 idle hours', async () => {
  const house = await houseWithAda()
  const { cookie } = await signIn(house, 'ada', PASSWORD)
  house.clock.advance(11 * 60 * MINUTE)
  expect(await house.gatehouse.authenticator.session(cookie)).toBeDefined()
  house.clock.advance(11 * 60 * MINUTE)
  expect(await house.gatehouse.authenticator.session(cookie)).toBeDefined()

  house.clock.advance(12 * 60 * MINUTE)

  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
})

test('a session ends after 7 days, however busy', async () => {
  const house = await houseWithAda()
  const { cookie } = await signIn(house, 'ada', PASSWORD)
  for (let hour = 0; hour < 7 * 24 - 1; hour += 1) {
    house.clock.advance(60 * MINUTE)
    expect(await house.gatehouse.authenticator.session(cookie)).toBeDefined()
  }

  house.clock.advance(60 * MINUTE)

  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
})

test('signing out ends this session and no other', async () => {
  const house = await houseWithAda()
  const one = await signIn(house, 'ada', PASSWORD)
  const two = await signIn(house, 'ada', PASSWORD)

  await house.gatehouse.authenticator.signOut(one.cookie)
  await house.gatehouse.authenticator.signOut('no such cookie')

  expect(await house.gatehouse.authenticator.session(one.cookie)).toBeUndefined()
  expect(await house.gatehouse.authenticator.session(two.cookie)).toBeDefined()
})

test('disabling a user ends its sessions for good', async () => {
  const house = await houseWithAda()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const { cookie } = await signIn(house, 'ada', PASSWORD)

  await house.call(root, 'access_user_disable', { id: house.ada.id })
  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
  await expect(signIn(house, 'ada', PASSWORD)).rejects.toMatchObject({
    code: 'unauthorized',
    message: 'Name or password is wrong.',
  })
  await house.call(root, 'access_user_enable', { id: house.ada.id })

  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
  await expect(signIn(house, 'ada', PASSWORD)).resolves.toBeDefined()
})

test('changing the password ends all sessions, and only the new one opens another', async () => {
  const house = await houseWithAda()
  const { cookie, caller } = await signIn(house, 'ada', PASSWORD)

  await house.call(caller, 'access_user_set_password', {
    id: house.ada.id,
    password: 'quite another password',
    current: PASSWORD,
  })

  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
  await expect(signIn(house, 'ada', PASSWORD)).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(signIn(house, 'ada', 'quite another password')).resolves.toBeDefined()
})

test.each([
  [{ password: 'quite another password' }, 'invalid'],
  [{ password: 'quite another password', current: 'wrong' }, 'forbidden'],
  [{ password: 'short', current: PASSWORD }, 'invalid'],
  [{ password: 'ada-ada-1234', current: PASSWORD }, 'invalid'],
])('one’s own password is not changed by %j', async (input, code) => {
  const house = await houseWithAda()
  const { caller } = await signIn(house, 'ada', PASSWORD)

  await expect(house.call(caller, 'access_user_set_password', { id: house.ada.id, ...input })).rejects.toMatchObject({ code })
})

test('the current password cannot be guessed by trying', async () => {
  const house = await houseWithAda()
  for (let i = 0; i < 5; i += 1) await checkPassword(house.store, house.ada, 'wrong').catch(() => undefined)

  await expect(checkPassword(house.store, house.ada, PASSWORD)).rejects.toMatchObject({ code: 'rate_limited' })
})

test('a token with access.write does not become its owner by setting a first password', async () => {
  const house = await openAccessHouse()
  const root = await house.user('root', 'role:admin')
  const { token } = await house.token('root', 'access.write', 'self.write')

  await expect(
    house.call(await house.bearer(token), 'access_user_set_password', { id: root, password: 'quite another password' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('a session can be ended from the list of sessions', async () => {
  const house = await houseWithAda()
  const { cookie, caller } = await signIn(house, 'ada', PASSWORD)
  const { sessions } = await house.call(caller, 'access_session_list')
  expect(sessions).toMatchObject([{ userName: 'Ada', address: HERE, state: 'live' }])

  await house.call(caller, 'access_session_revoke', { id: sessions[0].id })

  expect(await house.gatehouse.authenticator.session(cookie)).toBeUndefined()
})
