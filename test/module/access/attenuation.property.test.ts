import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../../src/contract/fault.ts'
import { addGrant } from '../../../src/module/access/grants.ts'
import { addUser } from '../../../src/module/access/users.ts'
import { openAccessHouse } from './house.ts'

const tool = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 3 }).map((text) => `tool:${text}`)
const key = fc.oneof(tool, tool, fc.constantFrom('self.write', 'self.*', 'access.write', '*', '*.read'))
const signed = fc.tuple(fc.boolean(), key).map(([takes, text]) => (takes ? `!${text}` : text))
const hours = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined })
const request = fc.record({
  keys: fc.array(fc.oneof({ weight: 4, arbitrary: key }, { weight: 1, arbitrary: signed }), { maxLength: 3 }),
  full: fc.boolean(),
  hours,
})

const asked = [
  ...['a', 'b', 'aa', 'ab', 'ba', 'bb', 'aab', 'bab'].map((text) => `tool:${text}`),
  'self.write',
  'self.read',
  'access.write',
  'access.read',
]

test('a minted token never allows what its minter does not, nor for longer, down any chain', async () => {
  const house = await openAccessHouse()
  let number = 0
  let minted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(signed, hours), { maxLength: 3 }),
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 9 }),
      async (grants, requests, laterHours) => {
        number += 1
        const { id } = await addUser(house.store, { name: `u${number}`, keys: ['self.write'], by: 'test' })
        for (const [one, end] of grants) {
          const expiresAt = end === undefined ? null : house.clock.nowMs() + end * 3_600_000
          await addGrant(house.store, { userId: id, key: one, expiresAt, by: 'test' }).catch(ignoreFault)
        }

        let minter = await house.asUser(id)
        const tokens: string[] = []
        for (const { keys, full, hours: validHours } of requests) {
          const scope = full ? { scope: 'full' } : { scope: 'partial', keys: [...keys, 'self.write'] }
          const input = { label: 'x', ...scope, ...(validHours === undefined ? {} : { validHours }) }
          const answer = await house.call(minter, 'access_token_create', input).catch(ignoreFault)
          if (!answer) continue
          const child = await house.bearer(answer.token)
          for (const one of asked) expect(minter.grants.allows(one) || !child.grants.allows(one), one).toBe(true)
          expect(child.grants.expiresAt).toBeLessThanOrEqual(minter.grants.expiresAt)
          minted += 1
          tokens.push(answer.token)
          minter = child
        }

        house.clock.advance(laterHours * 3_600_000)
        const owner = await house.asUser(id)
        let above: (one: string) => boolean = (one) => owner.grants.allows(one)
        for (const token of tokens) {
          const caller = await house.bearer(token).catch(ignoreFault)
          const over = above
          for (const one of asked) expect(over(one) || !caller?.grants.allows(one), one).toBe(true)
          above = (one) => caller?.grants.allows(one) ?? false
        }
      },
    ),
    { numRuns: 150 },
  )
  // Were everything refused, nothing would have been shown.
  expect(minted).toBeGreaterThan(100)
}, 60_000)

test('a token is bound to the one that minted it, also for another user', async () => {
  const house = await openAccessHouse()
  await house.user('root', 'role:admin')
  const ada = await house.user('ada', 'tool:*')
  const narrow = await house.token('root', 'access.write', 'self.write', 'tool:files__*')
  const minter = await house.bearer(narrow.token)

  await expect(
    house.call(minter, 'access_token_create', { label: 'x', userId: ada, keys: ['tool:github__push'] }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await expect(house.call(minter, 'access_token_create', { label: 'x', userId: ada, scope: 'full' })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('a token minted for another user by a token is revoked with it', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  const ada = await house.user('ada', 'tool:*')
  const full = await house.token('root')
  const { token, info } = await house.call(await house.bearer(full.token), 'access_token_create', {
    label: 'x',
    userId: ada,
    scope: 'full',
  })
  expect(info).toMatchObject({ userName: 'ada', parentId: full.id })
  expect((await house.bearer(token)).grants.allows('tool:a')).toBe(true)

  await house.call(root, 'access_token_revoke', { id: full.id })

  await expect(house.bearer(token)).rejects.toMatchObject({ code: 'unauthorized' })
})

test('a token inherits the end of the one that minted it, and may not ask for a later one', async () => {
  const house = await openAccessHouse()
  const ada = await house.asUser(await house.user('ada', 'self.write', 'tool:*'))
  const parent = await house.call(ada, 'access_token_create', { label: 'parent', scope: 'full', validHours: 2 })
  const minter = await house.bearer(parent.token)

  const { info } = await house.call(minter, 'access_token_create', { label: 'child', keys: ['tool:*'] })

  expect(info.expiresAt).toBe(parent.info.expiresAt)
  await expect(house.call(minter, 'access_token_create', { label: 'x', keys: ['tool:*'], validHours: 3 })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('a chain of tokens has an end', async () => {
  const house = await openAccessHouse()
  let minter = await house.asUser(await house.user('ada', 'self.write'))
  for (let step = 0; step < 16; step += 1) {
    const { token } = await house.call(minter, 'access_token_create', { label: `step ${step}`, scope: 'full' })
    minter = await house.bearer(token)
  }

  await expect(house.call(minter, 'access_token_create', { label: 'one more', scope: 'full' })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

function ignoreFault(thrown: unknown): undefined {
  if (!(thrown instanceof Fault)) throw thrown
}
