import { ALIAS } from './alias.ts'

const LEAD = 'via.'

/** What a URI is called where several upstreams have it: `via.<alias>.<URI>`, which is a URI as well. */
export const shownUri = (alias: string, uri: string): string => `${LEAD}${alias}.${uri}`

/** A URI as its server knows it, and the upstream that it names, if it does. */
export function readShownUri(uri: string): { readonly alias: string | undefined; readonly uri: string } {
  if (!uri.startsWith(LEAD)) return { alias: undefined, uri }
  const dot = uri.indexOf('.', LEAD.length)
  const alias = uri.slice(LEAD.length, dot)
  return dot !== -1 && ALIAS.test(alias) ? { alias, uri: uri.slice(dot + 1) } : { alias: undefined, uri }
}
