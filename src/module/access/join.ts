import { z } from 'zod'
import type { JoinRequest, SignedIn } from '../../contract/authenticator.ts'
import { Fault } from '../../contract/fault.ts'
import { parseInput } from '../../core/parse-input.ts'
import type { AccessStore } from './access.store.ts'
import { addressGroup } from './address-group.ts'
import { acceptInvitation, requireInvitation } from './invitations.ts'
import { beginAttempt } from './lockout.ts'
import { MAX_PASSWORD_LENGTH } from './password-rule.ts'
import { openSession } from './sessions.ts'
import { UserName } from './user-name.ts'
import { addUser } from './users.ts'

const JoinInput = z.strictObject({
  name: UserName,
  password: z.string().max(MAX_PASSWORD_LENGTH),
  email: z.email().max(254).optional(),
  invitation: z.string().max(200).optional(),
})

/**
 * Make an account for somebody who has none, and sign them in.
 *
 * @throws Fault `forbidden` without a valid invitation where registration is not open; `invalid`, `conflict`, `rate_limited`
 */
export async function join(store: AccessStore, request: JoinRequest, address: string): Promise<SignedIn> {
  const { name, password, email, invitation } = parseInput(JoinInput, request)
  // No user can have this name, so joining is counted apart from signing in; it is never cleared, which bounds accounts per address.
  const account = store.seals.digest('login-account', '\njoin')
  await beginAttempt(store, { account, address: addressGroup(address) })
  const invited = invitation === undefined ? undefined : await requireInvitation(store, invitation)
  if (!invited && !store.house.settings.openRegistration) {
    throw new Fault('forbidden', 'Registration is not open. Ask an administrator for an invitation.')
  }
  const keys: readonly string[] = invited ? JSON.parse(invited.keys) : store.house.settings.registrationKeys
  const by = invited ? `invitation:${invited.id}` : 'registration'
  const user = await addUser(
    store,
    { name, password, email: email ?? invited?.email ?? undefined, keys, by },
    async (transaction) => {
      if (invited) await acceptInvitation(store, transaction, invited)
    },
  )
  return openSession(store, user.id, address)
}
