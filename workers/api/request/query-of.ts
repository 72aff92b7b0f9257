import type { ParameterPlan } from '../../../queue/api.lane.ts'
import { DELIMITERS } from './delimiters.ts'
import type { Given } from './given.ts'
import { isObject, itemsOf, membersOf, percentEncoded, reservedKept, textOf } from './text-of.ts'

/** How the pairs of a parameter or of a form's field are written. */
interface PairStyle {
  readonly name: string
  readonly style: ParameterPlan['style']
  readonly explode: boolean
}

/** A query parameter as `name=value` pairs, none for an empty list. */
export const queryOf = ({ plan, value }: Given): string[] =>
  pairsOf(plan, value, plan.allowReserved ? reservedKept : percentEncoded)

/** A value as `name=value` pairs, by the styles that a query and a form have. */
export function pairsOf(plan: PairStyle, value: unknown, encode: (text: string) => string): string[] {
  const { name, style, explode } = plan
  const pair = (key: string, each: unknown): string => `${percentEncoded(key)}=${encode(textOf(each))}`
  if (style === 'json') return [pair(name, JSON.stringify(value))]
  if (style === 'deepObject') return deepPairs(name, value, pair)
  if (Array.isArray(value)) {
    const items = itemsOf(value)
    if (explode || items.length === 0) return items.map((each) => pair(name, each))
    return [`${percentEncoded(name)}=${items.map((each) => encode(textOf(each))).join(DELIMITERS[style] ?? ',')}`]
  }
  if (!isObject(value)) return [pair(name, value)]
  const members = membersOf(value)
  if (explode) return members.map(([key, each]) => pair(key, each))
  const flat = members.flatMap(([key, each]) => [encode(key), encode(textOf(each))])
  return [`${percentEncoded(name)}=${flat.join(DELIMITERS[style] ?? ',')}`]
}

/** `name[a][b]=1`. OpenAPI says nothing of lists here; most servers read `name[]=1`, and by number where the items are objects. */
export function deepPairs<T>(name: string, value: unknown, pair: (key: string, each: unknown) => T): T[] {
  if (Array.isArray(value)) {
    return itemsOf(value).flatMap((each, index) => deepPairs(isObject(each) ? `${name}[${index}]` : `${name}[]`, each, pair))
  }
  if (!isObject(value)) return [pair(name, value)]
  return membersOf(value).flatMap(([key, each]) => deepPairs(`${name}[${key}]`, each, pair))
}
