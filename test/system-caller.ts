import type { Caller } from '../src/contract/caller.ts'

/** A caller who may do everything. */
export const systemCaller: Caller = {
  id: 'system',
  name: 'system',
  authPath: 'system',
  userId: undefined,
  tokenId: undefined,
  grants: { allows: () => true, expiresAt: Number.POSITIVE_INFINITY },
}
