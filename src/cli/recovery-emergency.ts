import { Refusal } from '../config/refusal.ts'
import { revokeEverything } from '../module/access/revoke-everything.ts'
import { secretsToRenew } from '../module/secret/secrets-to-renew.ts'
import { configure } from './configure.ts'
import { openAccess } from './open-access.ts'
import type { CommonFlags } from './program.ts'

interface EmergencyFlags extends CommonFlags {
  readonly yes?: boolean
}

/** `gatehouse recovery emergency`: a running gateway refuses the revoked credentials within a second. */
export async function emergencyCommand(flags: EmergencyFlags): Promise<void> {
  const config = configure(flags)
  if (flags.yes !== true)
    throw new Refusal('This revokes every token, session and invitation at once, of people and agents alike. Say --yes to do it.')
  const access = await openAccess(config)
  try {
    const { tokens, sessions, invitations } = await revokeEverything(access, 'system')
    process.stdout.write(`Revoked ${tokens} tokens, ${sessions} sessions and ${invitations} invitations.\n`)
  } finally {
    await access.close()
  }
  const secrets = await secretsToRenew(config.dataDir)
  const lines = secrets.map(
    ({ name, issuer, setAt }) => `${name}\t${issuer || 'issuer not said'}\tset ${new Date(setAt).toISOString()}`,
  )
  process.stdout.write(
    secrets.length === 0
      ? 'There are no secrets to renew.\n'
      : `Renew each of these ${secrets.length} secrets at its issuer, then give it the new value with secret_set:\n${lines.join('\n')}\n`,
  )
}
