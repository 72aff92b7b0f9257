import type { ListKey, Offer } from './offer.ts'
import type { RealServer } from './real-servers.ts'

/** What came of one server. Empty texts: it is as it should be. */
export interface MatrixRow {
  readonly server: RealServer
  /** Revision that it answered our own `initialize` with. */
  readonly revision: string
  readonly counts: Readonly<Record<ListKey, number>>
  readonly bytes: number
  /** What of its lists did not arrive to the byte. */
  readonly lists: readonly string[]
  /** The same after the operation `upstream_restart`. */
  readonly afterRestart: readonly string[]
  /** The same after its process was killed. */
  readonly afterKill: readonly string[]
}

/** What a server offers, in numbers. */
export function measure(offer: Offer): Pick<MatrixRow, 'counts' | 'bytes'> {
  const entries = Object.entries(offer) as [ListKey, readonly string[]][]
  return {
    counts: Object.fromEntries(entries.map(([key, list]) => [key, list.length])) as MatrixRow['counts'],
    bytes: offer.tools.reduce((sum, tool) => sum + Buffer.byteLength(tool), 0),
  }
}

/** Whether everything is as it should be. */
export const isFaithful = ({ lists, afterRestart, afterKill }: MatrixRow): boolean =>
  lists.length + afterRestart.length + afterKill.length === 0

/** As it stands in `asset/docs/upstreams.md`. */
export const shown = (row: MatrixRow): Record<string, string> => ({
  server: `\`${row.server.package}\` ${row.server.version}`,
  revision: row.revision,
  tools: `${row.counts.tools} (${(row.bytes / 1_000).toFixed(1)} kB)`,
  prompts: String(row.counts.prompts),
  resources: String(row.counts.resources),
  templates: String(row.counts.resourceTemplates),
  lists: told(row.lists, 'the same'),
  restart: told(row.afterRestart, 'the same'),
  killed: told(row.afterKill, 'the same'),
})

const told = (differences: readonly string[], good: string): string =>
  differences.length === 0 ? good : `${differences.length} differ`
