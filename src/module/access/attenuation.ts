import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { AccessStore } from './access.store.ts'
import { bareKey, heldUntil } from './key-set.ts'
import type { UserRights } from './rights.ts'
import { roleOf } from './roles.ts'

/**
 * Nobody hands on, or takes away, what they do not hold themselves, nor for longer than they hold it.
 *
 * @param expiresAt ms; `Infinity` for never
 * @throws Fault `forbidden`, naming the first key that is not held or runs out sooner
 */
export async function requireHeld(store: AccessStore, caller: Caller, keys: readonly string[], expiresAt: number): Promise<void> {
  const roles = await store.rights.roles()
  for (const key of keys.flatMap((one) => unfold(one, roles))) {
    const until = heldUntil(caller.grants, key)
    if (until >= expiresAt) continue
    throw new Fault(
      'forbidden',
      until === 0
        ? `${caller.name} does not hold all of ${key}, so may not hand it on or take it away. Ask an administrator to do it.`
        : `${caller.name} holds ${key} only until ${new Date(until).toISOString()}, so may not hand it on for longer. Choose an earlier end.`,
      { data: { key } },
    )
  }
}

/**
 * Nobody changes the account of somebody who holds more than they do: through its password they would get there.
 *
 * @throws Fault `forbidden`
 */
export function requireNotAbove(caller: Caller, { user, keys }: UserRights): void {
  const above = keys.held.find(({ key }) => !key.startsWith('!') && !caller.grants.allows(key))
  if (!above) return
  throw new Fault('forbidden', `${user.name} holds ${above.key}, which ${caller.name} does not. Ask an administrator to do it.`, {
    data: { key: above.key },
  })
}

/** The single keys that a grant's key stands for. A role that is gone stands for nothing. */
const unfold = (key: string, roles: ReadonlyMap<string, readonly string[]>): string[] => {
  const role = roleOf(key)
  return (role === undefined ? [key] : (roles.get(role) ?? [])).map(bareKey)
}
