import type { GrantRow } from './access.schema.ts'
import type { AccessStore } from './access.store.ts'
import { compileKeys, type HeldKey } from './key-set.ts'
import {
  type GrantState,
  grantState,
  type JudgedToken,
  keysOf,
  type Roles,
  type TokenState,
  type UserRights,
  type UserState,
} from './rights.ts'
import { requireToken } from './tokens.ts'
import { requireUser } from './users.ts'

/** A grant that bears on a key, whether it counts or not. */
interface BearingGrant {
  readonly id: number
  readonly grant: string
  /** The key that matched; of the role, where the grant is one. */
  readonly key: string
  readonly role: string | null
  readonly effect: 'gives' | 'takes'
  readonly state: GrantState
  readonly expiresAt: number | null
}

/** What one token of the chain says to a key. */
interface BearingToken {
  readonly id: number
  readonly label: string
  readonly scope: 'full' | 'partial'
  readonly state: TokenState
  readonly allows: boolean
  /** The keys of its scope that matched. */
  readonly keys: readonly string[]
}

/** Why somebody may or may not do something. */
export interface Explanation {
  readonly allowed: boolean
  readonly key: string
  readonly user: { readonly id: number; readonly name: string; readonly state: UserState }
  readonly grants: readonly BearingGrant[]
  readonly tokens: readonly BearingToken[]
  readonly reason: string
  /** What would change it. */
  readonly change: readonly string[]
}

/**
 * Why a user, or a token, may or may not use a key: from the same judgement that lets calls through.
 *
 * @throws Fault `not_found`
 */
export async function explain(
  store: AccessStore,
  subject: { readonly userId: number } | { readonly tokenId: number },
  key: string,
): Promise<Explanation> {
  const token = 'tokenId' in subject ? await store.rights.ofToken(await requireToken(store, subject.tokenId)) : undefined
  const owner = token?.owner ?? (await requireUser(store, (subject as { userId: number }).userId))
  const rows = await store.db.selectFrom('grant').selectAll().where('user_id', '=', owner.user.id).orderBy('id').execute()
  const roles = await store.rights.roles()
  const found = {
    key,
    user: { id: owner.user.id, name: owner.user.name, state: owner.state },
    grants: rows.flatMap((row) => bearingGrants(store, row, roles, key)),
    tokens: (token?.chain ?? []).map((one) => bearingToken(one, key)),
  }
  const allowed = (token?.keys ?? owner.keys).allows(key)
  return { allowed, ...found, reason: reasonOf(allowed, owner, found), change: changesOf(allowed, owner, found) }
}

type Found = Pick<Explanation, 'key' | 'user' | 'grants' | 'tokens'>

function bearingGrants(store: AccessStore, row: GrantRow, roles: Roles, key: string): BearingGrant[] {
  const { givers, takers } = compileKeys(keysOf(row, roles)).bearingOn(key)
  const state = grantState(store.seals, row, store.house.nowMs())
  const shown =
    (effect: 'gives' | 'takes') =>
    (held: HeldKey): BearingGrant => ({
      id: row.id,
      grant: row.key,
      key: held.key,
      role: held.role ?? null,
      effect,
      state,
      expiresAt: row.expires_at,
    })
  return [...givers.map(shown('gives')), ...takers.map(shown('takes'))]
}

function bearingToken({ row, state, scope }: JudgedToken, key: string): BearingToken {
  const { givers, takers } = scope.bearingOn(key)
  return {
    id: row.id,
    label: row.label,
    scope: row.scope,
    state,
    allows: scope.allows(key),
    keys: [...givers, ...takers].map((held) => held.key),
  }
}

function reasonOf(allowed: boolean, owner: UserRights, { key, user, grants, tokens }: Found): string {
  const closed = tokens.find(({ state }) => state !== 'live')
  if (closed) return `The token ${closed.label} is ${closed.state}, so it opens nothing.`
  if (user.state !== 'live') return `The user ${user.name} is ${user.state}, so nothing is allowed.`
  const live = grants.filter(({ state }) => state === 'live')
  const taker = live.find(({ effect }) => effect === 'takes')
  if (taker) return `${sourceOf(taker)} takes ${key} away from ${user.name}, which beats everything that gives it.`
  const giver = live.find(({ effect }) => effect === 'gives')
  if (!giver || !owner.keys.allows(key)) return `No live grant gives ${key} to ${user.name}.`
  const narrow = tokens.find(({ allows }) => !allows)
  if (!allowed && narrow) return `${user.name} holds ${key}, but the scope of the token ${narrow.label} leaves it out.`
  const through = tokens.length === 0 ? '' : ' and every token on the way lets it through'
  return `${sourceOf(giver)} gives ${key} to ${user.name}${through}.`
}

function changesOf(allowed: boolean, owner: UserRights, { key, user, grants, tokens }: Found): string[] {
  if (allowed) {
    const givers = grants.filter(({ effect, state }) => effect === 'gives' && state === 'live')
    const ids = givers.map(({ id }) => id).join(', ')
    return [
      `It ends when grant ${ids} is removed or expires, or when !${key} is granted.`,
      ...tokens.slice(0, 1).map(({ label }) => `It ends when the token ${label} is revoked.`),
    ]
  }
  const steps: string[] = []
  if (tokens.some(({ state }) => state !== 'live')) steps.push('Make a new token.')
  if (user.state === 'disabled') steps.push(`Enable the user ${user.name}.`)
  if (user.state === 'forged') steps.push('Restore the store from a backup: the row of this user was written by somebody else.')
  for (const { id, effect, state } of grants)
    if (effect === 'takes' && state === 'live') steps.push(`Remove grant ${id}, or the key in its role.`)
  const given = grants.some(({ effect, state }) => effect === 'gives' && state === 'live')
  if (!given) steps.push(`Grant ${key}, a glob that fits it, or a role that has it, to ${user.name}.`)
  const narrow = tokens.filter(({ state, allows }) => state === 'live' && !allows)
  if (narrow.length > 0)
    steps.push(`Use a token whose scope has ${key}; ${narrow.map(({ label }) => label).join(' and ')} cannot be widened.`)
  return steps.length > 0 || owner.keys.allows(key) ? steps : [`Grant ${key} to ${user.name}.`]
}

const sourceOf = ({ id, key, role }: BearingGrant): string =>
  role === null ? `Grant ${id} (${key})` : `The role ${role} (${key}, by grant ${id})`
