import { Fault } from '../../contract/fault.ts'
import type { ApiStore } from './api.store.ts'
import { readApi } from './read-api.ts'
import type { RegisteredApi } from './registry.ts'
import { takeVersion } from './take-version.ts'

const HOUR_MS = 3_600_000
/** Who changes what nobody asked for. */
const BY = 'system'

/** Fetch every document again that is due. What cannot be fetched says so and stays as it is. */
export async function refreshDue(store: ApiStore, nowMs: number, signal: AbortSignal): Promise<void> {
  for (const api of store.registry.all()) {
    if (signal.aborted) return
    if (isDue(api, nowMs)) await refreshOne(store, api, nowMs, signal)
  }
}

/** Whether a document is to be fetched again. Pure. */
export function isDue({ row, definition: { refreshHours } }: Pick<RegisteredApi, 'row' | 'definition'>, nowMs: number): boolean {
  if (row.enabled === 0 || row.source_url === null || refreshHours === null) return false
  return nowMs - (row.fetched_at ?? 0) >= refreshHours * HOUR_MS
}

async function refreshOne(store: ApiStore, api: RegisteredApi, nowMs: number, signal: AbortSignal): Promise<void> {
  const { row } = api
  try {
    const read = await readApi(store.house, { url: row.source_url! }, { place: BY, signal })
    const { outcome, version } = await takeVersion(store, api, read, {
      by: BY,
      confirm: false,
      fetchedAt: nowMs,
      isScheduled: true,
    })
    if (outcome !== 'same') store.house.log.warn({ alias: row.alias, version, outcome }, 'api.document_changed')
  } catch (thrown) {
    if (!(thrown instanceof Fault) || signal.aborted) throw thrown
    store.house.log.warn({ alias: row.alias, fault: thrown.message }, 'api.refresh_failed')
    await store.rows.note(row, { fetched_at: nowMs, fetch_fault: thrown.message.slice(0, 1_000) }, BY)
    await store.registry.refresh(row.alias)
  }
}
