import type { Caller } from '../contract/caller.ts'
import type { Listed } from '../contract/tool.ts'

/** What to look for among prompts, resources or templates. */
interface ListedSearch {
  /** Words that must all occur. */
  readonly text?: string | undefined
  readonly source?: string | undefined
  /** Exactly this name, URI or URI template, as clients are shown it. */
  readonly shownName?: string | undefined
}

/** What a caller may use and what fits a search, by source and then by name. */
export function findListed(all: readonly Listed[], caller: Caller, search: ListedSearch): readonly Listed[] {
  const { text = '', source, shownName } = search
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return all
    .filter(({ permit }) => caller.grants.allows(permit))
    .filter((one) => source === undefined || one.source === source)
    .filter((one) => shownName === undefined || one.shownName === shownName)
    .filter((one) => words.every((word) => searched(one).includes(word)))
    .sort((a, b) => compare(a.source, b.source) || compare(a.shownName, b.shownName))
}

/** How many of something each source has. */
export function countSources(all: readonly Listed[]): { readonly name: string; readonly count: number }[] {
  return [...Map.groupBy(all, ({ source }) => source)].map(([name, { length }]) => ({ name, count: length }))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const searched = ({ source, localName, shownName, definition }: Listed) =>
  [shownName, source, localName, definition['name'], definition['title'], definition['description']]
    .filter((text) => typeof text === 'string')
    .join(' ')
    .toLowerCase()
