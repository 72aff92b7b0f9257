import { Fault } from '../../contract/fault.ts'
import { compileGlob } from '../../core/glob.ts'
import type { AccessStore } from './access.store.ts'
import { bareKey } from './key-set.ts'
import { ROLE_PREFIX, roleOf } from './roles.ts'

const TOOL_KEY = /^tool:[a-zA-Z0-9_*-]+$/
const LISTED_KEY = /^(prompt|resource):(.*)$/s

/**
 * Judge keys that somebody wants to grant: an operation's key or a glob that fits one, `tool:<glob>`, `prompt:<glob>`, `resource:<glob>`,
 * `role:<name>`, each with an optional `!` in front that takes it away.
 *
 * @throws Fault `invalid` with a detail for each key that is not known, and what was probably meant
 */
export async function requireKnownKeys(store: AccessStore, keys: readonly string[], path = '/keys'): Promise<void> {
  const roles = [...(await store.rights.roles()).keys()].map((name) => ROLE_PREFIX + name)
  const permits = store.house.permits()
  const unknown = keys.flatMap((key, index) => {
    const message = complaint(key, permits, roles)
    return message === undefined ? [] : [{ path: path === '/keys' ? `${path}/${index}` : path, message }]
  })
  if (unknown.length === 0) return
  throw new Fault('invalid', `Not everything is a permission key: ${unknown.map(({ message }) => message).join('; ')}.`, {
    details: unknown,
  })
}

/** @throws Fault `invalid` when a role stands among keys that may not hold one: roles do not nest, and tokens name their keys. */
export function requireNoRoles(keys: readonly string[]): void {
  const role = keys.find((key) => roleOf(bareKey(key)) !== undefined)
  if (role !== undefined)
    throw new Fault(
      'invalid',
      `${role} is a role; only permission keys and globs can stand here. List the keys of the role instead.`,
    )
}

function complaint(key: string, permits: readonly string[], roles: readonly string[]): string | undefined {
  const bare = bareKey(key)
  if (bare.startsWith(ROLE_PREFIX)) {
    if (key !== bare) return `${key} takes a whole role away; remove its grant instead`
    return roles.includes(bare) ? undefined : `there is no role ${roleOf(bare)}${suggestion(bare, roles)}`
  }
  if (TOOL_KEY.test(bare) || bare === '*') return undefined
  const [, kind, name] = LISTED_KEY.exec(bare) ?? []
  if (kind !== undefined) return name === '' ? `${bare} names no ${kind}: expected a name or glob after ${kind}:` : undefined
  if (bare.startsWith('tool:')) return `${bare} names no tool: expected letters, digits, _, - and * after tool:`
  return permits.some(compileGlob(bare)) ? undefined : `there is no permission key ${bare}${suggestion(bare, permits)}`
}

function suggestion(key: string, known: readonly string[]): string {
  const near = nearMatches(key, known)
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`
}

/** Up to three known keys that share most letter pairs with an unknown one (Dice's coefficient), best first. */
function nearMatches(key: string, known: readonly string[]): string[] {
  const pairs = pairsOf(key)
  return known
    .map((one) => {
      const others = pairsOf(one)
      const shared = pairs.filter((pair) => others.includes(pair)).length
      return { one, likeness: (2 * shared) / (pairs.length + others.length) }
    })
    .filter(({ likeness }) => likeness >= 0.4)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, 3)
    .map(({ one }) => one)
}

const pairsOf = (text: string): string[] =>
  Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2))
