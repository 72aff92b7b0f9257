import { expect, test } from 'vitest'
import { compileKeys } from '../../../src/module/access/key-set.ts'
import { BUILT_IN_ROLES } from '../../../src/module/access/roles.ts'
import { openAccessHouse } from './house.ts'

const HOUR = 3_600_000

async function houseWithRoot() {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  return { ...house, root }
}

test('a grant counts from the next call on, and no more once it is removed', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')

  const { grant } = await house.call(house.root, 'access_grant_add', { userId: ada, key: 'access.read' })
  expect((await house.asUser(ada)).grants.allows('access.read')).toBe(true)
  await house.call(house.root, 'access_grant_remove', { id: grant.id })

  expect((await house.asUser(ada)).grants.allows('access.read')).toBe(false)
  const { grants } = await house.call(house.root, 'access_grant_list', { userId: ada })
  expect(grants).toMatchObject([{ key: 'access.read', state: 'removed', removedAt: house.clock.nowMs() }])
})

test('a grant with an end holds until then', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')
  await house.call(house.root, 'access_grant_add', { userId: ada, key: 'tool:x', validHours: 1 })

  const { grants } = await house.asUser(ada)
  house.clock.advance(HOUR)

  expect(grants.allows('tool:x')).toBe(true)
  expect(grants.expiresAt).toBe(house.clock.nowMs())
  expect((await house.asUser(ada)).grants.allows('tool:x')).toBe(false)
})

test('a key that is taken away stays away, whatever else is granted', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada', '*')

  await house.call(house.root, 'access_grant_add', { userId: ada, key: '!tool:shell__*' })

  const { grants } = await house.asUser(ada)
  expect(grants.allows('tool:shell__run')).toBe(false)
  expect(grants.allows('tool:files__read')).toBe(true)
})

test.each([
  ['acces.read', 'there is no permission key acces.read (did you mean access.read'],
  ['nothing.*', 'there is no permission key nothing.*'],
  ['role:viwer', 'there is no role viwer (did you mean role:viewer'],
  ['!role:viewer', 'takes a whole role away'],
  ['tool:', 'names no tool'],
  ['tool:a.b', 'names no tool'],
  ['prompt:', 'names no prompt'],
  ['resource:', 'names no resource'],
  ['resource:docs__a\u202eb', 'characters that cannot be seen'],
  ['prompt:docs__a ', 'a permission key or glob'],
])('%s is not granted: %s', async (key, sentence) => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')

  await expect(house.call(house.root, 'access_grant_add', { userId: ada, key })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(sentence),
  })
})

test.each([
  ...['prompt:docs__Größe prüfen', '!resource:docs__file:///a b?c=*&d=%20', 'prompt:*', 'resource:*'],
  ...['tool:nobody_made_this_yet', 'tool:*', '*', '*.read', 'access.*', 'role:agent', '!access.write'],
])('%s can be granted', async (key) => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')

  await expect(house.call(house.root, 'access_grant_add', { userId: ada, key })).resolves.toMatchObject({
    grant: { key, state: 'live' },
  })
})

test('granting what is held already is a conflict; a later end is not', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')
  const add = (ending: object) => house.call(house.root, 'access_grant_add', { userId: ada, key: 'tool:x', ...ending })
  await add({ validHours: 2 })

  await expect(add({ validHours: 1 })).rejects.toMatchObject({ code: 'conflict' })
  await expect(add({ validHours: 3 })).resolves.toBeDefined()
  await expect(add({})).resolves.toBeDefined()
})

test('nobody grants what they do not hold', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')
  const deputy = await house.asUser(await house.user('deputy', 'access.*', 'tool:files__*'))
  const add = (key: string) => house.call(deputy, 'access_grant_add', { userId: ada, key })

  await expect(add('tool:files__read')).resolves.toBeDefined()
  for (const key of ['tool:*', 'tool:github__push', '*', 'self.write', 'role:admin', 'role:viewer', '!tool:github__push']) {
    await expect(add(key)).rejects.toMatchObject({ code: 'forbidden' })
  }
})

test('nobody grants for longer than they hold', async () => {
  const house = await houseWithRoot()
  const ada = await house.user('ada')
  const deputyId = await house.user('deputy', 'access.*')
  await house.call(house.root, 'access_grant_add', { userId: deputyId, key: 'tool:x', validHours: 2 })
  const deputy = await house.asUser(deputyId)

  await expect(house.call(deputy, 'access_grant_add', { userId: ada, key: 'tool:x' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(deputy, 'access_grant_add', { userId: ada, key: 'tool:x', validHours: 3 })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(deputy, 'access_grant_add', { userId: ada, key: 'tool:x', validHours: 1 })).resolves.toBeDefined()
})

test('nobody changes the account of somebody who holds more', async () => {
  const house = await houseWithRoot()
  const deputy = await house.asUser(await house.user('deputy', 'access.*', 'self.*'))
  const id = house.root.userId!
  const { user } = await house.call(deputy, 'access_user_get', { id })

  await expect(house.call(deputy, 'access_user_set_password', { id, password: 'quite another password' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(deputy, 'access_user_disable', { id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(deputy, 'access_user_update', { id, updatedAt: user.updatedAt, name: 'x' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(
    house.call(deputy, 'access_token_create', { userId: id, label: 'x', keys: ['access.read'] }),
  ).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('the last administrator can be neither disabled nor stripped', async () => {
  const house = await houseWithRoot()
  const id = house.root.userId!
  const { grants } = await house.call(house.root, 'access_grant_list', { userId: id })

  await expect(house.call(house.root, 'access_user_disable', { id })).rejects.toMatchObject({ code: 'conflict' })
  await expect(house.call(house.root, 'access_grant_remove', { id: grants[0].id })).rejects.toMatchObject({ code: 'conflict' })
  expect((await house.asUser(id)).grants.allows('*')).toBe(true)

  await house.user('second', '*')
  await expect(house.call(house.root, 'access_user_disable', { id })).resolves.toMatchObject({ user: { state: 'disabled' } })
})

// What each built-in role may do; a new right must be put here on purpose.
const KEYS = [
  'access.read',
  'access.write',
  'self.read',
  'self.write',
  'upstream.read',
  'upstream.write',
  'upstream.define',
  'queue.read',
  'queue.write',
  'monitor.read',
  'monitor.write',
  'function.read',
  'function.write',
  'function.publish',
  'function.call',
  'secret.read',
  'secret.write',
  'secret.reveal',
  'secret.rotate',
  'api.read',
  'api.write',
  'api.pass:orders',
  'result.read',
  'audit.export',
  'prompt.read',
  'resource.read',
  'tool:files__read',
  'prompt:docs__review',
  'resource:docs__file:///notes.read',
]
const MATRIX = {
  admin: KEYS,
  operator: [
    'access.read',
    'self.read',
    'self.write',
    'upstream.read',
    'upstream.write',
    'queue.read',
    'queue.write',
    'monitor.read',
    'monitor.write',
    'function.read',
    'function.publish',
    'function.call',
    'secret.read',
    'secret.write',
    'api.read',
    'api.write',
    'api.pass:orders',
    'result.read',
    'audit.export',
    'prompt.read',
    'resource.read',
    'tool:files__read',
    'prompt:docs__review',
    'resource:docs__file:///notes.read',
  ],
  developer: [
    'access.read',
    'self.read',
    'self.write',
    'upstream.read',
    'queue.read',
    'monitor.read',
    'function.read',
    'function.write',
    'function.publish',
    'function.call',
    'secret.read',
    'api.read',
    'result.read',
    'prompt.read',
    'resource.read',
    'tool:files__read',
    'prompt:docs__review',
    'resource:docs__file:///notes.read',
  ],
  viewer: [
    'access.read',
    'self.read',
    'self.write',
    'upstream.read',
    'queue.read',
    'monitor.read',
    'function.read',
    'secret.read',
    'api.read',
    'result.read',
    'prompt.read',
    'resource.read',
  ],
  agent: [
    'self.read',
    'function.call',
    'result.read',
    'tool:files__read',
    'prompt:docs__review',
    'resource:docs__file:///notes.read',
  ],
}

test.each(Object.entries(MATRIX))('the role %s may do exactly %j of what the matrix knows', (role, allowed) => {
  const keys = compileKeys(BUILT_IN_ROLES[role]!.keys.map((key) => ({ key, expiresAt: Number.POSITIVE_INFINITY })))

  expect(KEYS.filter((key) => keys.allows(key))).toEqual(allowed)
})

test('every built-in role is in the matrix', () => {
  expect(Object.keys(BUILT_IN_ROLES)).toEqual(Object.keys(MATRIX))
})

test('a custom role works through its grants, and changes for all who hold it at once', async () => {
  const house = await houseWithRoot()
  await house.call(house.root, 'access_role_put', { name: 'reader', keys: ['tool:files__read'] })
  const ada = await house.user('ada', 'role:reader')
  expect((await house.asUser(ada)).grants.allows('tool:files__read')).toBe(true)

  await house.call(house.root, 'access_role_put', { name: 'reader', keys: ['tool:files__list'] })
  expect((await house.asUser(ada)).grants.allows('tool:files__read')).toBe(false)
  expect((await house.asUser(ada)).grants.allows('tool:files__list')).toBe(true)
  await house.call(house.root, 'access_role_remove', { name: 'reader' })

  expect((await house.asUser(ada)).grants.allows('tool:files__list')).toBe(false)
  const { roles } = await house.call(house.root, 'access_role_list')
  expect(roles.map(({ name }: { name: string }) => name)).toEqual(['admin', 'operator', 'developer', 'viewer', 'agent'])
})

test('built-in roles stay as they are, and roles do not nest', async () => {
  const house = await houseWithRoot()

  await expect(house.call(house.root, 'access_role_put', { name: 'viewer', keys: ['*'] })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(house.call(house.root, 'access_role_remove', { name: 'admin' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(house.call(house.root, 'access_role_put', { name: 'mine', keys: ['role:viewer'] })).rejects.toMatchObject({
    code: 'invalid',
  })
})

test('nobody makes or changes a role that holds more than they do', async () => {
  const house = await houseWithRoot()
  await house.call(house.root, 'access_role_put', { name: 'strong', keys: ['tool:*'] })
  const deputy = await house.asUser(await house.user('deputy', 'access.*', 'tool:files__*'))

  await expect(house.call(deputy, 'access_role_put', { name: 'mine', keys: ['tool:*'] })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(deputy, 'access_role_put', { name: 'strong', keys: ['tool:files__*'] })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(deputy, 'access_role_remove', { name: 'strong' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(deputy, 'access_role_put', { name: 'mine', keys: ['tool:files__read'] })).resolves.toBeDefined()
})
