import type { Caller } from '../../contract/caller.ts'
import type { TokenRights } from './rights.ts'

/** Who calls with a good token. */
export function tokenCaller({ chain, owner, keys }: TokenRights): Caller {
  const { row } = chain[0]!
  return {
    id: `user:${owner.user.id}`,
    name: `${owner.user.name} (${row.label})`,
    authPath: 'token',
    userId: owner.user.id,
    tokenId: row.id,
    grants: keys,
  }
}
