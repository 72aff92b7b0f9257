import type { Grants, PermitKey } from '../../contract/caller.ts'
import { compileGlob, globsOverlap, type Matcher } from '../../core/glob.ts'
import { compilePermit } from '../../core/permit-glob.ts'

/** One key that somebody holds, and where it comes from. A leading `!` takes away instead, and beats everything. */
export interface HeldKey {
  readonly key: string
  /** ms since the epoch; `Infinity` for never. */
  readonly expiresAt: number
  /** The grant that it stands in; `undefined` in a token's scope. */
  readonly grantId?: number
  /** The role that brought it, where one did. */
  readonly role?: string
}

/** Keys, compiled for asking. */
export interface KeySet extends Grants {
  readonly held: readonly HeldKey[]
  /**
   * Also answers for a glob: whether all of it is held by one key, and none of it is taken away.
   * So `allows` is the rule of attenuation too: nobody hands on what this does not allow.
   */
  allows(key: PermitKey): boolean
  takesAway(key: PermitKey): boolean
  /** Until when a key (or a whole glob) stays held, ms; 0 when it is not. */
  heldUntil(key: PermitKey): number
  /** The held keys that bear on a key, givers and takers. */
  bearingOn(key: PermitKey): { readonly givers: readonly HeldKey[]; readonly takers: readonly HeldKey[] }
}

interface Compiled {
  readonly held: HeldKey
  readonly matches: Matcher
}

const isTaker = (key: string): boolean => key.startsWith('!')

/** A key without the mark that takes it away. */
export const bareKey = (key: string): string => (isTaker(key) ? key.slice(1) : key)

/** Compile what somebody holds. Expired keys must have been left out before. */
export function compileKeys(held: readonly HeldKey[]): KeySet {
  const compiled = held.map((one): Compiled => ({ held: one, matches: matcherOf(one.key) }))
  const givers = compiled.filter(({ held: { key } }) => !isTaker(key))
  const takers = compiled.filter(({ held: { key } }) => isTaker(key))
  const exact = new Set(givers.map(({ held: { key } }) => key).filter((key) => !key.includes('*')))
  const globs = givers.filter(({ held: { key } }) => key.includes('*')).map(({ matches }) => matches)

  const isTaken = (key: string): boolean => takers.some((taker) => takes(taker, key))
  return {
    held,
    expiresAt: held.reduce((earliest, one) => Math.min(earliest, one.expiresAt), Number.POSITIVE_INFINITY),
    allows: (key) => (exact.has(key) || globs.some((matches) => matches(key))) && !isTaken(key),
    takesAway: isTaken,
    heldUntil: (key) => (isTaken(key) ? 0 : Math.max(0, ...matching(givers, key).map(({ expiresAt }) => expiresAt))),
    bearingOn: (key) => ({
      givers: matching(givers, key),
      takers: takers.filter((taker) => takes(taker, key)).map(({ held: one }) => one),
    }),
  }
}

/** What is allowed by all of several sets: a token's scope, its ancestors' scopes, its owner's keys. */
export function intersect(sets: readonly KeySet[]): Pick<KeySet, 'allows' | 'takesAway' | 'heldUntil' | 'expiresAt'> {
  return {
    expiresAt: Math.min(Number.POSITIVE_INFINITY, ...sets.map((set) => set.expiresAt)),
    allows: (key) => sets.every((set) => set.allows(key)),
    takesAway: (key) => sets.some((set) => set.takesAway(key)),
    heldUntil: (key) => Math.min(Number.POSITIVE_INFINITY, ...sets.map((set) => set.heldUntil(key))),
  }
}

/** What takes away may fit more than what gives. */
const matcherOf = (key: string): Matcher => (isTaker(key) ? compileGlob(bareKey(key)) : compilePermit(key))

const matching = (among: readonly Compiled[], key: string): HeldKey[] =>
  among.filter(({ matches }) => matches(key)).map(({ held }) => held)

const takes = ({ held, matches }: Compiled, key: string): boolean =>
  key.includes('*') ? globsOverlap(bareKey(held.key), key) : matches(key)

/** Until when a caller holds a key (or a whole glob), ms; 0 when it does not. Callers from elsewhere count by their earliest expiry. */
export function heldUntil(grants: Grants, key: PermitKey): number {
  if ('heldUntil' in grants) return (grants as KeySet).heldUntil(key)
  return grants.allows(key) ? grants.expiresAt : 0
}
