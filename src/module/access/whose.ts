import { z } from 'zod'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { Id } from './access.shapes.ts'

/** Whose things a list shows. */
export const Whose = {
  userId: Id.optional().describe('Whose; yours without it.'),
  whose: z.enum(['mine', 'all']).default('mine').describe('all: of every user.'),
} as const

/** Has no user's id. */
const NOBODY = -1

/** The user whose things a list is to show; undefined for everybody's. @throws Fault `forbidden` */
export function ownerAsked(
  caller: Caller,
  { userId, whose }: { readonly userId?: number | undefined; readonly whose: 'mine' | 'all' },
): number | undefined {
  const owner = userId ?? (whose === 'mine' ? (caller.userId ?? NOBODY) : undefined)
  requireOwnOr(caller, owner ?? NOBODY, 'access.read')
  return owner
}

/**
 * Everybody may look after what is their own; for what is another's a right is needed.
 *
 * @throws Fault `forbidden`
 */
export function requireOwnOr(caller: Caller, userId: number, key: 'access.read' | 'access.write'): void {
  if (caller.userId === userId || caller.grants.allows(key)) return
  throw new Fault('forbidden', `This belongs to another user; that needs the right ${key}.`, { data: { permit: key } })
}

/** The user that an operation is about when none is named: the caller. @throws Fault `invalid` for a caller that is no user */
export function requireUserId(caller: Caller, userId: number | undefined): number {
  const id = userId ?? caller.userId
  if (id !== undefined) return id
  throw new Fault('invalid', `${caller.name} is not a user. Say which one is meant with userId.`, {
    details: [{ path: '/userId', message: 'Expected the id of a user' }],
  })
}
