import { text } from 'node:stream/consumers'
import { createUser } from '../module/access/create-user.ts'
import { configure } from './configure.ts'
import { openAccess } from './open-access.ts'
import type { CommonFlags } from './program.ts'

interface UserFlags extends CommonFlags {
  readonly email?: string
  readonly role: readonly string[]
  readonly passwordStdin?: boolean
}

/** `gatehouse user create <name>`. A password is never taken from the command line, where others could read it. */
export async function createUserCommand(name: string, flags: UserFlags): Promise<void> {
  const access = await openAccess(configure(flags))
  try {
    const given = flags.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined
    const { password } = await createUser(access, {
      name,
      keys: flags.role.map((role) => `role:${role}`),
      ...(flags.email !== undefined && { email: flags.email }),
      ...(given !== undefined && { password: given }),
    })
    process.stdout.write(
      given === undefined ? `Made ${name} with the password ${password} (shown only now).\n` : `Made ${name}.\n`,
    )
  } finally {
    await access.close()
  }
}
