import type { Link } from './link.ts'
import type { UpstreamTool } from './upstream-tools.ts'

/**
 * The tools of all upstreams by the names that they have in the catalog: without a prefix only while no other tool is called the same,
 * where an upstream is so defined.
 *
 * @param others names of tools that are no upstream's; asked for only where it matters
 */
export function shownTools(links: readonly Link[], others: () => ReadonlySet<string>): readonly UpstreamTool[] {
  const yields = links.some(({ definition }) => definition.names === 'on_clash')
  const clashes = yields ? clashingNames(links, others()) : new Set<string>()
  return links.flatMap(({ definition, lists, uris }) =>
    lists.tool.items.map((tool) => {
      const name = definition.names === 'on_clash' && clashes.has(tool.name) ? tool.prefixedName : tool.name
      return tool.shown(name, uris)
    }),
  )
}

function clashingNames(links: readonly Link[], others: ReadonlySet<string>): ReadonlySet<string> {
  const seen = new Set(others)
  const twice = new Set<string>()
  for (const { lists } of links) {
    for (const { name } of lists.tool.items) {
      if (seen.has(name)) twice.add(name)
      seen.add(name)
    }
  }
  return twice
}
