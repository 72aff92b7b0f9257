import { Fault } from '../../src/contract/fault.ts'
import { resembles } from '../../src/core/egress/path-template.ts'

/**
 * Make sure that a value did not make the path of another operation out of this one's: that may be switched off, or need another right.
 *
 * @param url as it is sent
 * @param rivals addresses of other operations, with `{name}` for parameters
 * @throws Fault `invalid`
 */
export function requireOwnPath(url: string, rivals: readonly string[]): void {
  const [address = ''] = url.split('?', 1)
  const rival = rivals.find((template) => resembles(template, address))
  if (rival === undefined) return
  throw new Fault(
    'invalid',
    `With these values the address is that of another operation, ${rival.slice(0, 300)}. Call that instead.`,
  )
}
