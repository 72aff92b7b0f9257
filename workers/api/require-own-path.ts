import { Fault } from '../../src/contract/fault.ts'
import { matchesTemplate } from '../../src/core/egress/path-template.ts'

/**
 * Make sure that a value did not make the path of another operation out of this one's: that may be switched off, or need another right.
 *
 * @param target path and query, as they are sent
 * @throws Fault `invalid`
 */
export function requireOwnPath(target: string, rivals: readonly string[]): void {
  const [path = ''] = target.split('?', 1)
  const rival = rivals.find((template) => matchesTemplate(template, path))
  if (rival === undefined) return
  throw new Fault(
    'invalid',
    `With these values the path is that of another operation, ${rival.slice(0, 200)}. Call that instead.`,
  )
}
