import type { Instructions } from '../../contract/tool.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import type { Link } from './link.ts'

/** What a server says of itself, while it is connected. It does not pass the door, so secrets are taken out here. */
export function introductionOf({ alias, server }: Link): readonly Instructions[] {
  if (server === undefined) return []
  const { instructions, capabilities } = server
  const text = typeof instructions === 'string' ? instructions : ''
  return [{ source: alias, text: scrubValue(text), capabilities: scrubValue(capabilities) }]
}
