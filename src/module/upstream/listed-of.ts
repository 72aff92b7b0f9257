import type { ListedKind } from '../../contract/tool.ts'
import type { Link } from './link.ts'
import type { Offer } from './offer.ts'
import { readShownUri } from './shown-uri.ts'

/**
 * The prompts, resources and templates of all upstreams. URIs that several of them list are shown as each one's own, and told to the
 * upstreams, so that these speak of them in the same way.
 */
export function listedOf(links: readonly Link[]): Readonly<Record<ListedKind, readonly Offer[]>> {
  const uris = shared(links, 'resource')
  const templates = shared(links, 'template')
  for (const link of links) {
    const own = link.lists.template.items.map(({ localName }) => localName).filter((template) => templates.has(template))
    link.uris.share(uris, own)
  }
  const shownOf = (kind: ListedKind, clashing: ReadonlySet<string>): readonly Offer[] =>
    links.flatMap(({ lists }) => lists[kind].items.map((offer) => (clashing.has(offer.localName) ? offer.shared() : offer)))
  return {
    prompt: links.flatMap(({ lists }) => lists.prompt.items),
    resource: shownOf('resource', uris),
    template: shownOf('template', templates),
  }
}

/** What more than one upstream lists, and what begins as if it were another's that does: it would be read where that is meant. */
function shared(links: readonly Link[], kind: 'resource' | 'template'): ReadonlySet<string> {
  const aliases = new Set<string | undefined>(links.map(({ alias }) => alias))
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { lists } of links) {
    for (const { localName } of lists[kind].items) {
      if (seen.has(localName) || aliases.has(readShownUri(localName).alias)) twice.add(localName)
      seen.add(localName)
    }
  }
  return twice
}
