import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../../src/contract/fault.ts'
import { explain } from '../../../src/module/access/explain.ts'
import { addGrant, removeGrant, requireGrant } from '../../../src/module/access/grants.ts'
import { insertToken, requireToken, revokeToken } from '../../../src/module/access/tokens.ts'
import { addUser, requireUser, setDisabled } from '../../../src/module/access/users.ts'
import { openAccessHouse } from './house.ts'

const KEYS = [
  'tool:*',
  'tool:a',
  'tool:b*',
  '!tool:ab',
  '!tool:b',
  'access.read',
  '*.read',
  '*',
  'role:agent',
  'role:viewer',
  'role:custom',
  '!access.*',
]
const SCOPE_KEYS = ['tool:*', 'tool:a*', 'tool:b', '*.read', '*', '!tool:a']
const ASKED = ['tool:a', 'tool:ab', 'tool:b', 'access.read', 'access.write', 'self.read']

const fate = fc.oneof(
  { weight: 12, arbitrary: fc.constant('live') },
  { weight: 3, arbitrary: fc.constantFrom('expired', 'ended', 'forged') },
)
const userFates = fc.oneof(
  { weight: 8, arbitrary: fc.constant('live') },
  { weight: 1, arbitrary: fc.constantFrom('disabled', 'forged') },
)

test('the explanation and the decision agree, whatever the grants, roles and tokens', async () => {
  const house = await openAccessHouse()
  const root = await house.asUser(await house.user('root', 'role:admin'))
  await house.call(root, 'access_role_put', { name: 'custom', keys: ['tool:a', 'access.*'] })
  let number = 0
  const seen = { allowed: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...KEYS), fate), { maxLength: 4 }),
      fc.array(fc.tuple(fc.subarray(SCOPE_KEYS), fate), { minLength: 1, maxLength: 3 }),
      userFates,
      async (grants, scopes, userFate) => {
        number += 1
        const { id: userId } = await addUser(house.store, { name: `u${number}`, keys: [], by: 'test' })
        const soon = (what: string): number | null => (what === 'expired' ? house.clock.nowMs() + 1 : null)
        for (const [key, what] of grants) {
          const row = await addGrant(house.store, { userId, key, expiresAt: soon(what), by: 'test' }).catch(ignoreFault)
          if (row && what === 'ended') await removeGrant(house.store, await requireGrant(house.store, row.id), 'test')
          if (row && what === 'forged')
            await house.store.db.updateTable('grant').set({ mac: 'x' }).where('id', '=', row.id).execute()
        }
        let parentId: number | null = null
        let shown = ''
        for (const [keys, what] of scopes) {
          const scope = keys.length === 0 ? 'full' : 'partial'
          const made: Awaited<ReturnType<typeof insertToken>> = await insertToken(house.store, {
            userId,
            label: 't',
            scope,
            keys,
            expiresAt: soon(what),
            parentId,
            by: 'test',
          })
          parentId = made.row.id
          shown = made.token
          if (what === 'ended') await revokeToken(house.store, await requireToken(house.store, parentId), 'test')
          if (what === 'forged') await house.store.db.updateTable('token').set({ mac: 'x' }).where('id', '=', parentId).execute()
        }
        if (userFate === 'disabled') await setDisabled(house.store, (await requireUser(house.store, userId)).user, true)
        if (userFate === 'forged') await house.store.db.updateTable('user').set({ mac: 'x' }).where('id', '=', userId).execute()
        house.store.rights.forget(undefined)
        house.clock.advance(1)

        const caller = await house.bearer(shown).catch(ignoreFault)
        const user = await house.asUser(userId)
        for (const key of ASKED) {
          const ofToken = await explain(house.store, { tokenId: parentId! }, key)
          const ofUser = await explain(house.store, { userId }, key)
          const allowed = caller?.grants.allows(key) ?? false
          expect(ofToken.allowed, ofToken.reason).toBe(allowed)
          expect(ofUser.allowed, ofUser.reason).toBe(user.grants.allows(key))
          // The deciding fact is really there, and a refusal never comes without a way out.
          if (allowed) expect(ofToken.grants.some(({ effect, state }) => effect === 'gives' && state === 'live')).toBe(true)
          expect(ofToken.reason).toMatch(allowed ? /gives/ : /takes|No live grant|leaves it out|opens nothing|nothing is allowed/)
          expect(ofUser.reason).toMatch(ofUser.allowed ? /gives/ : /takes|No live grant|nothing is allowed/)
          expect(ofToken.change).not.toEqual([])
          expect(ofUser.change).not.toEqual([])
          seen[allowed ? 'allowed' : 'refused'] += 1
        }
      },
    ),
    { numRuns: 150 },
  )
  expect(seen.allowed).toBeGreaterThan(20)
  expect(seen.refused).toBeGreaterThan(20)
}, 60_000)

test('an explanation names the grant, the role and the token scope that decide', async () => {
  const house = await openAccessHouse()
  const ada = await house.user('ada', 'role:agent')
  const { id } = await house.token('ada', 'tool:files__*')
  const [grant] = await house.store.db.selectFrom('grant').selectAll().execute()

  const given = await explain(house.store, { tokenId: id }, 'tool:files__read')
  const narrowed = await explain(house.store, { tokenId: id }, 'tool:github__push')
  const missing = await explain(house.store, { userId: ada }, 'access.write')

  expect(given).toMatchObject({
    allowed: true,
    reason: `The role agent (tool:*, by grant ${grant!.id}) gives tool:files__read to ada and every token on the way lets it through.`,
    tokens: [{ id, allows: true, keys: ['tool:files__*'] }],
  })
  expect(narrowed).toMatchObject({
    allowed: false,
    reason: 'ada holds tool:github__push, but the scope of the token test leaves it out.',
    change: ['Use a token whose scope has tool:github__push; test cannot be widened.'],
  })
  expect(missing).toMatchObject({ allowed: false, reason: 'No live grant gives access.write to ada.' })
})

test('a tool is explained by its name, to whoever may see the subject', async () => {
  const house = await openAccessHouse()
  const eve = await house.asUser(await house.user('eve', 'self.read'))
  const ada = await house.user('ada', '*.read')

  const own = await house.call(eve, 'access_explain', { tool: 'access_user_list' })
  const other = await house.call(await house.asUser(ada), 'access_explain', { userId: eve.userId, tool: 'access_user_list' })

  expect(own).toMatchObject({ allowed: false, key: 'access.read', tool: 'access_user_list', user: { name: 'eve' } })
  expect(other).toEqual(own)
  await expect(house.call(eve, 'access_explain', { userId: ada, key: 'access.read' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(house.call(eve, 'access_explain', { tool: 'no_such_tool' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(house.call(eve, 'access_explain', {})).rejects.toMatchObject({ code: 'invalid' })
})

function ignoreFault(thrown: unknown): undefined {
  if (!(thrown instanceof Fault)) throw thrown
}
