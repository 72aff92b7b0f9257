import type { Visit } from '../../contract/visit.ts'
import type { Params } from './question.ts'

/** What a client of the stateless era says of itself with each request; towards a server we say it, or the handshake did. */
const OF_THE_HOP: readonly string[] = ['protocolVersion', 'clientCapabilities', 'clientInfo', 'logLevel', 'subscriptionId'].map(
  (name) => `io.modelcontextprotocol/${name}`,
)

/** The params that a client sent besides what the question says: all that is not about its own connection. */
export function sentAlong({ extra }: Visit): Params | undefined {
  const meta = extra?.['_meta'] as Params | undefined
  if (meta === undefined || !OF_THE_HOP.some((name) => Object.hasOwn(meta, name))) return extra
  const kept = Object.entries(meta).filter(([name]) => !OF_THE_HOP.includes(name))
  const { _meta, ...rest } = extra!
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) }
}
