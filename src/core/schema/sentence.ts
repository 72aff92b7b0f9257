import type { FaultDetail } from '../../contract/fault.ts'

/** One sentence for all that is wrong with an input. */
export function sentence(details: readonly FaultDetail[]): string {
  const listed = details.slice(0, 20).map(({ path, message }) => (path ? `${path}: ` : '') + message.replace(/\.$/, ''))
  const more = details.length > 20 ? ` (and ${details.length - 20} more)` : ''
  return `The input does not fit: ${listed.join('; ')}${more}.`
}
