import type { Link } from './link.ts'
import { offerName } from './offer-name.ts'
import { readShownUri } from './shown-uri.ts'

/**
 * The door's names for what may have a URI, the likeliest first: who lists it, who has a template for it, who told of it, and the only one
 * that has resources at all. Where a template fits, the URI itself is a name as well, for whom no right to the whole template was given.
 */
export function resourceNames(links: readonly Link[], asked: string): readonly string[] {
  const shown = readShownUri(asked)
  const named = shown.alias === undefined ? [] : links.filter(({ alias }) => alias === shown.alias)
  const uri = named.length > 0 ? shown.uri : asked
  const having = (named.length > 0 ? named : links).filter(({ hasResources }) => hasResources)
  const nameAt = ({ alias }: Link): string => offerName('resource', alias, uri)
  const listed = having.filter(({ lists }) => lists.resource.find(uri) !== undefined).map(nameAt)
  const fitting = having
    .flatMap((link) => link.lists.template.items.filter(({ template }) => template.fits(uri)).map((offer) => ({ link, offer })))
    .sort((a, b) => b.offer.template.literalChars - a.offer.template.literalChars)
    .flatMap(({ link, offer }) => [offer.name, nameAt(link)])
  const learned = having.filter(({ uris }) => uris.knows(uri)).map(nameAt)
  const only = having.length === 1 ? having.map(nameAt) : []
  return [...new Set([...listed, ...fitting, ...learned, ...only])]
}
