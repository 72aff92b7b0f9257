import type { Caller, Grants } from '../contract/caller.ts'
import { compilePermit } from './permit-glob.ts'

/** Kept by the grants that were narrowed, so that lists that are cached by grants stay cached. */
const narrowed = new WeakMap<Grants, Map<string, Grants>>()

/**
 * A caller who may do only what these keys (globs too) and their own rights both allow.
 *
 * @param keys none: may do nothing
 */
export const attenuate = (caller: Caller, keys: readonly string[]): Caller => ({ ...caller, grants: narrow(caller.grants, keys) })

function narrow(grants: Grants, keys: readonly string[]): Grants {
  const known = narrowed.get(grants) ?? new Map<string, Grants>()
  narrowed.set(grants, known)
  const name = keys.join('\n')
  const kept = known.get(name)
  if (kept) return kept
  const matchers = keys.map(compilePermit)
  const fresh: Grants = {
    expiresAt: grants.expiresAt,
    allows: (key) => matchers.some((matches) => matches(key)) && grants.allows(key),
  }
  known.set(name, fresh)
  return fresh
}
