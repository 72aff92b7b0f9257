import { hash } from 'node:crypto'
import type { Authenticator } from '../../contract/authenticator.ts'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { AccessStore } from './access.store.ts'
import { findCaller } from './find-caller.ts'
import { join } from './join.ts'
import type { TokenRights } from './rights.ts'
import type { KnownToken } from './rights-cache.ts'
import { closeSession, findSession } from './sessions.ts'
import { signIn } from './sign-in.ts'
import { tokenCaller } from './token-caller.ts'
import { isWellFormedToken } from './token-format.ts'

/** Judges tokens, cookies and passwords by the access store. */
export function accessAuthenticator(store: AccessStore): Authenticator {
  return {
    bearer(token) {
      const fingerprint = hash('sha256', token)
      const known = store.rights.known(fingerprint)
      if (!known) return judge(store, token, fingerprint)
      store.uses.count(known.tokenId, store.house.nowMs())
      return known.caller
    },
    find: (ref) => findCaller(store, ref),
    session: (cookie) => findSession(store, cookie),
    signIn: (name, password, address) => signIn(store, name, password, address),
    signOut: (cookie) => closeSession(store, cookie),
    join: (request, address) => join(store, request, address),
  }
}

async function judge(store: AccessStore, token: string, fingerprint: string): Promise<Caller> {
  if (!isWellFormedToken(token, 'st')) throw refused(store, { reason: 'garbled' })
  const { epoch } = store.rights
  const row = await store.db
    .selectFrom('token')
    .selectAll()
    .where('hash', '=', store.seals.digest('token', token))
    .executeTakeFirst()
  if (!row) throw refused(store, { reason: 'unknown' })
  const rights = await store.rights.ofToken(row)
  if (rights.refusal) throw refused(store, { reason: rights.refusal, tokenId: row.id, userId: row.user_id })
  const known = knownToken(rights)
  store.rights.keep(fingerprint, known, epoch)
  store.uses.count(row.id, store.house.nowMs())
  return known.caller
}

function knownToken(rights: TokenRights): KnownToken {
  const { chain, keys } = rights
  const userIds = chain.map(({ row: { user_id } }) => user_id)
  return { tokenId: chain[0]!.row.id, userIds, caller: tokenCaller(rights), staleAt: keys.expiresAt }
}

/** One sentence for all reasons; which it was, only the log knows. */
function refused(store: AccessStore, fields: object): Fault {
  store.house.log.info(fields, 'access.token_refused')
  return new Fault('unauthorized', 'The token is not valid here. Check that it was copied whole, or have a new one made.')
}
