import type { z } from 'zod'
import { readDefinition } from './definition.ts'
import type { FunctionRow, InvocationRow, VersionRow } from './function.schema.ts'
import type { FunctionDetail, FunctionSummary, InvocationDetail, InvocationSummary, VersionSummary } from './function.shapes.ts'
import type { FunctionStore } from './function.store.ts'
import type { FunctionHead, VersionHead } from './function-rows.ts'
import { toolNameOf } from './function-tool.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24

interface Counts {
  readonly calls: number
  readonly failures: number
}

/** How often functions ran in the last 24 hours, by id. */
export async function countRuns({ db, log }: FunctionStore, nowMs: number): Promise<ReadonlyMap<number, Counts>> {
  await log.caughtUp()
  const rows = await db
    .selectFrom('tally')
    .select(({ fn }) => ['function_id', fn.sum<number>('calls').as('calls'), fn.sum<number>('failures').as('failures')])
    .where('hour', '>', nowMs - DAY_HOURS * HOUR_MS)
    .groupBy('function_id')
    .execute()
  return new Map(rows.map(({ function_id, calls, failures }) => [function_id, { calls, failures }]))
}

/** A function in a list. `current` is the version that calls run. */
export function summarise(
  row: FunctionHead,
  current: VersionHead | undefined,
  { calls, failures }: Counts = { calls: 0, failures: 0 },
): z.input<typeof FunctionSummary> {
  const { title, description, language, backend, effect } = readDefinition(row.definition)
  return {
    name: row.name,
    tool: toolNameOf(row.name),
    ...{ title, description, language, backend, effect },
    state: row.enabled ? (row.current_version === null ? 'draft' : 'published') : 'disabled',
    version: row.current_version,
    changed: current === undefined || current.source_hash !== row.source_hash || current.definition !== row.definition,
    calls,
    failures,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}

/** A function with its draft. */
export async function detail(store: FunctionStore, name: string, nowMs: number): Promise<z.input<typeof FunctionDetail>> {
  const row = await store.rows.get(name)
  const [current, counts] = await Promise.all([currentOf(store, row), countRuns(store, nowMs)])
  return {
    ...summarise(row, current, counts.get(row.id)),
    draft: readDefinition(row.definition),
    source: row.source,
  }
}

/** The version that calls of a function run. */
const currentOf = async ({ rows }: FunctionStore, row: FunctionRow): Promise<VersionRow | undefined> =>
  row.current_version === null ? undefined : rows.version(row.id, row.current_version)

/** A version in a list. */
export const shownVersion = (row: FunctionRow, version: VersionHead): z.input<typeof VersionSummary> => ({
  name: row.name,
  version: version.version,
  current: version.version === row.current_version,
  sourceHash: version.source_hash,
  note: version.note,
  publishedAt: version.created_at,
  publishedBy: version.created_by,
})

/** A run in a list. */
export const shownInvocation = (row: InvocationRow & { readonly name: string }): z.input<typeof InvocationSummary> => ({
  id: row.id,
  jobId: row.job_id,
  name: row.name,
  version: row.version,
  asked: row.asked,
  callerId: row.caller_id,
  callerName: row.caller_name,
  tokenId: row.token_id,
  requestId: row.request_id,
  depth: row.depth,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  durationMs: row.duration_ms,
  outcome: row.outcome,
  reason: row.reason,
  message: row.message,
})

/** A run with its logs. */
export const shownRun = (row: InvocationRow & { readonly name: string }): z.input<typeof InvocationDetail> => ({
  ...shownInvocation(row),
  logs: JSON.parse(row.logs),
  logsCut: row.logs_cut === 1,
})
