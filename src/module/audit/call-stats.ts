import type { Kysely } from 'kysely'
import { nextTurn } from '../../core/next-turn.ts'
import type { AuditTables, TallyRow } from './call-record.ts'
import { HOUR_MS, MINUTE_MS } from './call-tally.ts'
import { type Histogram, mergeInto, percentile, unpackHistogram } from './duration-histogram.ts'

/** Windows that statistics are given for, and the length of their slots in ms. */
export const WINDOWS = {
  '1h': { lengthMs: HOUR_MS, stepMs: MINUTE_MS },
  '6h': { lengthMs: 6 * HOUR_MS, stepMs: MINUTE_MS },
  '24h': { lengthMs: 24 * HOUR_MS, stepMs: HOUR_MS },
  '7d': { lengthMs: 7 * 24 * HOUR_MS, stepMs: HOUR_MS },
  '30d': { lengthMs: 30 * 24 * HOUR_MS, stepMs: HOUR_MS },
} as const

export type Window = keyof typeof WINDOWS

/** Tools that are listed. */
const TOP_TOOLS = 20

interface Count {
  calls: number
  failed: number
  readonly histogram: Histogram
}

const newCount = (): Count => ({ calls: 0, failed: 0, histogram: new Map() })

/** Statistics over the slots of a window; the first and the last slot may be incomplete. */
export interface CallStats {
  readonly from: number
  readonly until: number
  readonly stepMs: number
  readonly calls: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  /** One point per slot, zeros included. */
  readonly series: { readonly at: number; readonly ok: number; readonly failed: number }[]
  readonly outcomes: { readonly outcome: string; readonly calls: number }[]
  readonly tools: {
    readonly tool: string
    readonly calls: number
    readonly failed: number
    readonly p50Ms: number | null
    readonly p95Ms: number | null
  }[]
}

/** Slots that are read per turn of the event loop. */
const SLOTS_PER_TURN = 48

/** Read the tallies of a window. `tool` narrows it to one tool. */
export async function callStats(
  db: Kysely<AuditTables>,
  window: Window,
  nowMs: number,
  tool: string | undefined,
): Promise<CallStats> {
  const { lengthMs, stepMs } = WINDOWS[window]
  const until = nowMs - (nowMs % stepMs) + stepMs
  const from = until - lengthMs
  const sums = newSums()
  for (let at = from; at < until; at += SLOTS_PER_TURN * stepMs) {
    const end = Math.min(until, at + SLOTS_PER_TURN * stepMs)
    let query = db.selectFrom('tally').selectAll().where('step_ms', '=', stepMs).where('at', '>=', at).where('at', '<', end)
    if (tool !== undefined) query = query.where('tool', '=', tool)
    for (const row of await query.execute()) addTo(sums, row)
    await nextTurn()
  }
  return summarise(sums, { from, until, stepMs })
}

const newSums = () => ({
  total: newCount(),
  byTool: new Map<string, Count>(),
  byOutcome: new Map<string, number>(),
  bySlot: new Map<number, Count>(),
})

function addTo({ total, byTool, byOutcome, bySlot }: ReturnType<typeof newSums>, row: TallyRow): void {
  const histogram = unpackHistogram(row.histogram)
  const ofTool = entry(byTool, row.tool, newCount)
  for (const count of [total, ofTool, entry(bySlot, row.at, newCount)]) {
    count.calls += row.calls
    if (row.outcome !== 'ok') count.failed += row.calls
  }
  mergeInto(total.histogram, histogram)
  mergeInto(ofTool.histogram, histogram)
  byOutcome.set(row.outcome, (byOutcome.get(row.outcome) ?? 0) + row.calls)
}

const summarise = (
  { total, byTool, byOutcome, bySlot }: ReturnType<typeof newSums>,
  slots: Pick<CallStats, 'from' | 'until' | 'stepMs'>,
): CallStats => ({
  ...slots,
  ...shown(total),
  series: series(bySlot, slots),
  outcomes: [...byOutcome].map(([outcome, calls]) => ({ outcome, calls })).sort((a, b) => b.calls - a.calls),
  tools: [...byTool]
    .map(([tool, count]) => ({ tool, ...shown(count) }))
    .sort((a, b) => b.calls - a.calls)
    .slice(0, TOP_TOOLS),
})

const shown = ({ calls, failed, histogram }: Count) => ({
  calls,
  failed,
  p50Ms: percentile(histogram, 0.5) ?? null,
  p95Ms: percentile(histogram, 0.95) ?? null,
})

function series(bySlot: ReadonlyMap<number, Count>, { from, until, stepMs }: Pick<CallStats, 'from' | 'until' | 'stepMs'>) {
  return Array.from({ length: (until - from) / stepMs }, (_, index) => {
    const at = from + index * stepMs
    const { calls = 0, failed = 0 } = bySlot.get(at) ?? {}
    return { at, ok: calls - failed, failed }
  })
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
