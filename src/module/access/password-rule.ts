import { Fault } from '../../contract/fault.ts'
import type { AccessStore } from './access.store.ts'

/** Longest password that is looked at, so that nobody hashes megabytes. */
export const MAX_PASSWORD_LENGTH = 1_000

/**
 * Judge a new password: long enough, and not the name itself. No rules on its characters (NIST SP 800-63B, 3.1.1.2).
 *
 * @throws Fault `invalid`
 */
export function requireGoodPassword(store: AccessStore, name: string, password: string): void {
  const { passwordMinLength } = store.house.settings
  if ([...password].length < passwordMinLength) throw unfit(`Expected at least ${passwordMinLength} characters`)
  if (password.toLowerCase().includes(name.toLowerCase()) && password.length < name.length + passwordMinLength) {
    throw unfit('Expected something that is not built around the name')
  }
}

function unfit(message: string): Fault {
  return new Fault('invalid', `The password will not do: ${message}.`, { details: [{ path: '/password', message }] })
}
