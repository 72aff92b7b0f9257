import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { offerName } from './offer-name.ts'

/**
 * A URI that was taken from a caller by name is not read by another spelling of it, or by a right to a template that it fits either.
 *
 * @throws Fault `forbidden`
 */
export function requireNotTaken({ name, grants }: Caller, alias: string, uri: string): void {
  const taken = [uri, plain(uri)].map((each) => offerName('resource', alias, each)).find((key) => grants.takesAway?.(key))
  if (taken === undefined) return
  throw new Fault('forbidden', `${name} may not read ${uri.slice(0, 300)}: the right to it was taken away by name.`, {
    data: { permit: taken },
  })
}

/** As most servers understand it: letters may be written as their codes, and schemes in capitals (RFC 3986, section 6.2.2). */
function plain(uri: string): string {
  const decoded = uri.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString())
  return decoded.replace(/^[^:]*:/, (scheme) => scheme.toLowerCase())
}
