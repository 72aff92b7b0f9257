import { META } from '../../meta-key.ts'
import type { Identity } from '../initialize.ts'
import { isRecord } from '../message.ts'
import type { ResultForm } from '../result-form.ts'

/** How the stateless era spells results. */
export interface StatelessForm extends ResultForm {
  /** What a list or an introduction of the gateway's own begins with: JSON members, each followed by a comma. */
  readonly cachedMembers: string
}

/** How long a result may be kept, where nobody said so: not at all, and for this caller alone. */
const FRESH = { ttlMs: 0, cacheScope: 'private' } as const

/**
 * The stateless era: every result says of which type it is and who answers, and what may be cached says for how long (MCP 2026-07-28, basic,
 * responses and caching). What a server said of these itself stays.
 */
export function statelessForm(identity: Identity): StatelessForm {
  const info = { [META.serverInfo]: identity }
  const ownMembers = `"resultType":"complete","_meta":${JSON.stringify(info)},`
  return {
    dress(result, method) {
      const mayBeKept = method === 'resources/read' && (result['resultType'] ?? 'complete') === 'complete'
      const meta = result['_meta']
      return {
        resultType: 'complete',
        ...(mayBeKept && FRESH),
        ...result,
        _meta: isRecord(meta) ? { ...info, ...meta } : info,
      }
    },
    ownMembers,
    cachedMembers: `${ownMembers}"ttlMs":${FRESH.ttlMs},"cacheScope":"${FRESH.cacheScope}",`,
  }
}
