import type { Caller } from '../contract/caller.ts'

/** The gateway itself, when a module asks another one; may do everything. */
export const systemCaller: Caller = {
  id: 'system',
  name: 'system',
  authPath: 'system',
  userId: undefined,
  tokenId: undefined,
  grants: { allows: () => true, expiresAt: Number.POSITIVE_INFINITY },
}
