import { Fault } from '../../contract/fault.ts'

/**
 * When something ends, from the two ways of saying it; `null` for never.
 *
 * @throws Fault `invalid` for both at once, or a time that is over
 */
export function endsAt(
  { validHours, expiresAt }: { readonly validHours?: number | undefined; readonly expiresAt?: number | undefined },
  nowMs: number,
): number | null {
  if (validHours !== undefined && expiresAt !== undefined) {
    throw new Fault('invalid', 'Say either validHours or expiresAt, not both.', {
      details: [{ path: '/expiresAt', message: 'Not together with validHours' }],
    })
  }
  if (expiresAt !== undefined && expiresAt <= nowMs) {
    throw new Fault('invalid', `The end ${new Date(expiresAt).toISOString()} is over already.`, {
      details: [{ path: '/expiresAt', message: 'Expected a time to come' }],
    })
  }
  return validHours === undefined ? (expiresAt ?? null) : Math.round(nowMs + validHours * 3_600_000)
}
