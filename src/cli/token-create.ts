import { createToken } from '../module/access/create-token.ts'
import { configure } from './configure.ts'
import { openAccess } from './open-access.ts'
import type { CommonFlags } from './program.ts'

interface TokenFlags extends CommonFlags {
  readonly user: string
  readonly label: string
  readonly scope?: readonly string[]
  /** Days. */
  readonly expires?: number
  readonly json?: boolean
}

const DAY_MS = 86_400_000

/** `gatehouse token create`: the token is printed once and stored only as a hash. */
export async function createTokenCommand(flags: TokenFlags): Promise<void> {
  const access = await openAccess(configure(flags))
  try {
    const { id, token } = await createToken(access, {
      userName: flags.user,
      label: flags.label,
      scope: flags.scope ? 'partial' : 'full',
      keys: flags.scope ?? [],
      expiresAt: flags.expires === undefined ? null : Date.now() + flags.expires * DAY_MS,
    })
    process.stdout.write(flags.json ? `${JSON.stringify({ id, token })}\n` : `${token}\n`)
  } finally {
    await access.close()
  }
}
