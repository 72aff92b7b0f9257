import type { ListedKind } from '../../contract/tool.ts'
import type { Listing } from '../../mcp/client/list-all.ts'
import { inspectOffer, KEYS } from './inspect-offer.ts'
import type { LeftOut } from './inspect-tool.ts'
import type { Catalogue } from './kept-list.ts'
import type { Link } from './link.ts'
import { Offer } from './offer.ts'

/** How each list is asked for. */
export const LISTED = {
  prompt: { method: 'prompts/list', field: 'prompts' },
  resource: { method: 'resources/list', field: 'resources' },
  template: { method: 'resources/templates/list', field: 'resourceTemplates' },
} as const satisfies Record<ListedKind, { readonly method: string; readonly field: string }>

/** Turn a list into offers, one by one, so that what is wrong with one stays with it. */
export function offersOf(link: Link, kind: ListedKind, { entries, cutShort }: Listing): Catalogue<Offer> {
  const offers = new Map<string, Offer>()
  const leftOut: LeftOut[] = cutShort === undefined ? [] : [{ tool: `(list of ${kind}s)`, reason: cutShort }]
  for (const [index, entry] of entries.entries()) {
    const inspection = inspectOffer(kind, entry, index)
    if ('reason' in inspection) {
      leftOut.push(inspection)
      continue
    }
    const key = String(inspection.definition[KEYS[kind]])
    if (offers.has(key)) leftOut.push({ tool: `${kind} ${key.slice(0, 100)}`, reason: 'The server lists it twice.' })
    else offers.set(key, new Offer(link, kind, key, inspection.definition))
  }
  return { items: [...offers.values()], leftOut, notes: [] }
}
