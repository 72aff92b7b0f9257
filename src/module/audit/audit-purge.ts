import type { Service } from '../../contract/module.ts'
import type { ChainRow } from '../../core/chain.ts'
import { hourly } from '../../core/hourly.ts'
import { nextTurn } from '../../core/next-turn.ts'
import type { AuditStore } from './audit.store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Links per transaction: about 2 ms. */
const SLICE_LINKS = 200

/** What a purge took away. */
export interface Purged {
  readonly calls: number
  readonly payloads: number
}

/**
 * Remove calls and payloads that are older than their retention, a slice per turn.
 *
 * The chain says so itself: a `purge` link goes before, and the sealed head remembers where the chain begins now, so that verification still
 * finds any other removal.
 */
export async function purgeCalls(store: AuditStore, nowMs: number, signal: AbortSignal): Promise<Purged> {
  const { settings, log } = store.house
  store.upToDate()
  const before = nowMs - settings.retentionDays * DAY_MS
  const calls = await dropCalls(store, before, nowMs, signal)
  const payloads = await dropPayloads(store, nowMs - Math.max(settings.payloadDays * DAY_MS, HOUR_MS), nowMs, signal)
  store.tally.purge(nowMs, before)
  if (calls + payloads > 0) log.info({ calls, payloads }, 'audit.purged')
  return { calls, payloads }
}

async function dropCalls(
  { chain, commit, database: { raw } }: AuditStore,
  before: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<number> {
  const remove = raw.prepare(
    "delete from call where id in (select ref from chain where kind = 'finished' and seq > ? and seq <= ?)",
  )
  let calls = 0
  let said = false
  while (!signal.aborted) {
    const old = lastBefore(raw, chain.head.floor_seq, before)
    // What has not finished yet is still needed, and a chain keeps its last link.
    const last = Math.min(old ?? 0, chain.head.mark, chain.head.seq - 1)
    if (last <= chain.head.floor_seq) break
    calls += commit((pen) => {
      if (!said)
        pen.append({ at: nowMs, kind: 'purge', ref: 0, content: JSON.stringify({ what: 'calls', before }), payload: null })
      const { changes } = remove.run(chain.head.floor_seq, last)
      pen.dropThrough(last)
      return changes
    })
    said = true
    await nextTurn()
  }
  return calls
}

async function dropPayloads(
  { chain, commit, database: { raw } }: AuditStore,
  before: number,
  nowMs: number,
  signal: AbortSignal,
): Promise<number> {
  let payloads = 0
  let said = false
  while (!signal.aborted) {
    const last = lastBefore(raw, chain.head.payload_floor_seq, before)
    if (last === undefined) break
    payloads += commit((pen) => {
      if (!said)
        pen.append({ at: nowMs, kind: 'purge', ref: 0, content: JSON.stringify({ what: 'payloads', before }), payload: null })
      return pen.dropPayloadsThrough(last)
    })
    said = true
    await nextTurn()
  }
  return payloads
}

/** The last link of the next slice that is older than `before`. */
function lastBefore(raw: AuditStore['database']['raw'], after: number, before: number): number | undefined {
  const links = raw.prepare('select seq, at from chain where seq > ? order by seq limit ?').all(after, SLICE_LINKS) as Pick<
    ChainRow,
    'seq' | 'at'
  >[]
  const young = links.findIndex(({ at }) => at >= before)
  return (young < 0 ? links : links.slice(0, young)).at(-1)?.seq
}

/** Purges at the start and every hour. */
export const auditService = (store: AuditStore): Service =>
  hourly(store.house, 'audit.purge_failed', (nowMs, signal) => purgeCalls(store, nowMs, signal))
