import { expect, test } from 'vitest'
import { openAccessHouse } from './house.ts'

const REFUSAL = 'The token is not valid here. Check that it was copied whole, or have a new one made.'

test('a token opens what its scope names of what its owner holds', async () => {
  const house = await openAccessHouse()
  await house.user('ada', 'tool:files__*', '*.read')
  const { token } = await house.token('ada', 'tool:*')

  const caller = await house.bearer(token)

  expect(caller).toMatchObject({ name: 'ada (test)', authPath: 'token' })
  expect(caller.grants.allows('tool:files__read')).toBe(true)
  expect(caller.grants.allows('tool:github__push')).toBe(false)
  expect(caller.grants.allows('access.read')).toBe(false)
})

test('a full token opens all that its owner holds', async () => {
  const house = await openAccessHouse()
  await house.user('ada', '*.read')
  const { token } = await house.token('ada')

  const { grants } = await house.bearer(token)

  expect(grants.allows('access.read')).toBe(true)
  expect(grants.allows('access.write')).toBe(false)
})

test('the secret of a token is in its answer and nowhere else', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'role:admin')
  const caller = await house.asUser(ada)

  const { token, info } = await house.call(caller, 'access_token_create', { label: 'laptop', keys: ['tool:*'] })
  const rows = await house.store.db.selectFrom('token').selectAll().execute()
  const { tokens } = await house.call(caller, 'access_token_list')

  expect(token).toMatch(/^st_/)
  expect(JSON.stringify({ info, rows, tokens })).not.toContain(token.slice(3, 46))
  expect(tokens[0]).not.toHaveProperty('hash')
  expect(tokens[0]).not.toHaveProperty('mac')
})

test('a known token is judged without a promise, and by the same grants until something changes', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', '*.read')
  const { token } = await house.token('ada')

  const first = await house.bearer(token)
  const second = house.gatehouse.authenticator.bearer(token)
  await house.call(await admin(house), 'access_grant_add', { userId: ada, key: 'tool:x' })
  const third = await house.bearer(token)

  expect(second).toBe(first)
  expect(third.grants).not.toBe(first.grants)
  expect(third.grants.allows('tool:x')).toBe(true)
})

test('stripping the owner strips every token at the next call', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'tool:*')
  const { token } = await house.token('ada', 'tool:*')
  expect((await house.bearer(token)).grants.allows('tool:x')).toBe(true)

  const root = await admin(house)
  const { grants } = await house.call(root, 'access_grant_list', { userId: ada })
  await house.call(root, 'access_grant_remove', { id: grants[0].id })

  expect((await house.bearer(token)).grants.allows('tool:x')).toBe(false)
})

test('a revoked token is refused at the next call, and so is all that was minted from it', async () => {
  const house = await openAccessHouse()
  await house.user('ada', 'tool:*', 'self.write')
  const parent = await house.token('ada')
  const child = await house.call(await house.bearer(parent.token), 'access_token_create', {
    label: 'child',
    keys: ['tool:a*', 'self.write'],
  })
  const grandchild = await house.call(await house.bearer(child.token), 'access_token_create', {
    label: 'grandchild',
    keys: ['tool:ab'],
  })
  expect((await house.bearer(grandchild.token)).grants.allows('tool:ab')).toBe(true)

  await house.call(await house.bearer(parent.token), 'access_token_revoke', { id: parent.id })

  for (const token of [parent.token, child.token, grandchild.token]) {
    await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized', message: REFUSAL })
  }
  const rows = await house.store.db.selectFrom('token').select('revoked_at').execute()
  expect(rows.every(({ revoked_at }) => revoked_at === house.clock.nowMs())).toBe(true)
})

test('revoking a token leaves its parent and its siblings alone', async () => {
  const house = await openAccessHouse()
  await house.user('ada', 'tool:*', 'self.write')
  const parent = await house.token('ada')
  const caller = await house.bearer(parent.token)
  const one = await house.call(caller, 'access_token_create', { label: 'one', keys: ['tool:a'] })
  const two = await house.call(caller, 'access_token_create', { label: 'two', keys: ['tool:b'] })

  await house.call(caller, 'access_token_revoke', { id: one.info.id })

  await expect(house.bearer(one.token)).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(house.bearer(two.token)).resolves.toBeDefined()
  await expect(house.bearer(parent.token)).resolves.toBeDefined()
})

test('a token ends at its expiry, also in the middle of a session', async () => {
  const house = await openAccessHouse()
  await house.user('ada', 'tool:*', 'self.write')
  const ada = await house.asUser(await idOf(house, 'ada'))
  const { token } = await house.call(ada, 'access_token_create', { label: 'short', keys: ['tool:*'], validHours: 1 })
  expect(house.gatehouse.authenticator.bearer(token)).toBeInstanceOf(Promise)
  await house.bearer(token)

  house.clock.advance(3_600_000 - 1)
  await expect(house.bearer(token)).resolves.toBeDefined()
  house.clock.advance(1)

  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized', message: REFUSAL })
  expect(house.logged).toContainEqual({ event: 'access.token_refused', fields: expect.objectContaining({ reason: 'expired' }) })
})

test('a grant that runs out is gone from a known token at that moment', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'tool:a')
  await house.call(await admin(house), 'access_grant_add', { userId: ada, key: 'tool:b', validHours: 1 })
  const { token } = await house.token('ada')
  expect((await house.bearer(token)).grants.allows('tool:b')).toBe(true)

  house.clock.advance(3_600_000)
  const { grants } = await house.bearer(token)

  expect(grants.allows('tool:b')).toBe(false)
  expect(grants.allows('tool:a')).toBe(true)
})

test('whatever is wrong with a token, the caller is told the same', async () => {
  const house = await openAccessHouse()
  await house.user('ada', 'tool:*')
  const { token } = await house.token('ada')
  const { newToken } = await import('../../../src/module/access/token-format.ts')
  const wrong = [
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.',
    'sk-1234567890',
    'st_',
    `${token}x`,
    token.toLowerCase(),
    newToken('st'),
    newToken('si'),
  ]

  for (const text of wrong) await expect(house.bearer(text)).rejects.toMatchObject({ code: 'unauthorized', message: REFUSAL })

  expect(house.logged.map(({ fields }) => fields['reason'])).toEqual([
    'garbled',
    'garbled',
    'garbled',
    'garbled',
    'garbled',
    'unknown',
    'garbled',
  ])
  expect(JSON.stringify(house.logged)).not.toContain(token)
})

test('a garbled token costs no look-up', async () => {
  const house = await openAccessHouse()
  await house.store.db.schema.dropTable('token').execute()

  await expect(house.bearer(`st_${'0'.repeat(49)}`)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('uses are counted without a write, and are in the list when somebody looks', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'self.read')
  const { token, id } = await house.token('ada')
  for (let i = 0; i < 5; i += 1) await house.bearer(token)
  const before = await house.store.db.selectFrom('token').select('use_count').where('id', '=', id).executeTakeFirst()

  house.clock.advance(1_000)
  await house.bearer(token)
  const { tokens } = await house.call(await house.asUser(ada), 'access_token_list')

  expect(before?.use_count).toBe(0)
  expect(tokens[0]).toMatchObject({ useCount: 6, lastUsedAt: house.clock.nowMs() })
})

test('the tokens of a disabled user stop at once, and work again when it is enabled', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'tool:*')
  const { token } = await house.token('ada')
  await house.bearer(token)
  const root = await admin(house)

  await house.call(root, 'access_user_disable', { id: ada })
  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized', message: REFUSAL })
  await house.call(root, 'access_user_enable', { id: ada })

  await expect(house.bearer(token)).resolves.toBeDefined()
})

test('others may neither see nor revoke a token without the right to', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'tool:*')
  const eve = await house.asUser(await house.user('eve', 'self.read', 'self.write'))
  const { id } = await house.token('ada')

  await expect(house.call(eve, 'access_token_list', { userId: ada })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(eve, 'access_token_list', { whose: 'all' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(eve, 'access_token_revoke', { id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(eve, 'access_token_create', { userId: ada, label: 'x', keys: ['self.read'] })).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(await house.call(eve, 'access_token_list')).toEqual({ tokens: [], nextCursor: null })
})

test.each([
  [{ scope: 'partial', keys: [] }, 'at least one key'],
  [{ scope: 'full', keys: ['tool:*'] }, 'takes no keys'],
  [{ keys: ['role:viewer'] }, 'is a role'],
  [{ keys: ['acces.read'] }, 'did you mean access.read'],
  [{ keys: ['tool:*'], validHours: 1, expiresAt: 1 }, 'not both'],
  [{ keys: ['tool:*'], expiresAt: 1 }, 'is over already'],
])('a token that makes no sense is refused: %j', async (input, sentence) => {
  const house = await openAccessHouse()
  const root = await admin(house)

  await expect(house.call(root, 'access_token_create', { label: 'x', ...input })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(sentence),
  })
})

async function admin(house: Awaited<ReturnType<typeof openAccessHouse>>) {
  return house.asUser(await house.user('root', 'role:admin'))
}

async function idOf(house: Awaited<ReturnType<typeof openAccessHouse>>, name: string): Promise<number> {
  const row = await house.store.db.selectFrom('user').select('id').where('name', '=', name).executeTakeFirstOrThrow()
  return row.id
}
