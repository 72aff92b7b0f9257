import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely'
import type { Kind } from '../../contract/tool.ts'
import { belowCursor, containing, type Page, pageOf } from '../../core/paging.ts'
import { belowTime, type Found, readInWindows } from '../../core/windowed-list.ts'
import type { AuditTables, CallRow, CallStart } from './call-record.ts'
import { isConsoleRead } from './console-read.ts'
import { isUnderParent } from './parts.ts'

/** What a list is narrowed to; all that are given must hold. */
export interface CallFilter {
  readonly caller?: string | undefined
  readonly tool?: string | undefined
  readonly source?: string | undefined
  readonly kind?: Kind | undefined
  /** Only parts of this call. */
  readonly parentId?: number | undefined
  /** `true` leaves out what is shown under the call that it is part of, see `isUnderParent`. */
  readonly nested?: boolean | undefined
  /** An outcome, `running`, or `failed` for every end that is not `ok`. */
  readonly outcome?: string | undefined
  readonly transport?: string | undefined
  readonly effect?: string | undefined
  /** When the call began, ms since the epoch, inclusive. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** `false` leaves out what pages of the console read to show themselves. */
  readonly consoleReads?: boolean | undefined
  /** Part of the tool's name, the caller's name, the message or the request id; case does not matter. */
  readonly search?: string | undefined
}

/** A call as lists hold it: one that still runs has no end. */
export type ListedCall = CallStart & Partial<Omit<CallRow, keyof CallStart>>

/** What calls are read from. */
export interface CallSource {
  readonly db: Kysely<AuditTables>
  /** Calls in flight. */
  readonly running: Iterable<CallStart>
}

type Query<Out> = SelectQueryBuilder<AuditTables, 'call', Out>

/** Calls that fit a filter, newest first. */
export async function listCalls(
  { db, running }: CallSource,
  filter: CallFilter,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Page<ListedCall>> {
  const below = belowCursor(cursor)
  const found = filter.outcome === 'running' ? { rows: [], end: null } : await findEnded(db, filter, below, limit + 1)
  const floor = found.rows.length > limit ? found.rows.at(-1)!.id : (found.end ?? 0)
  const open = [...running].filter((start) => start.id < below && start.id > floor && fitsFilter(start, filter))
  const rows: ListedCall[] = [...open, ...found.rows].sort((a, b) => b.id - a.id)
  return pageOf(rows, limit, found.end)
}

async function findEnded(db: Kysely<AuditTables>, filter: CallFilter, newest: number, wanted: number): Promise<Found<CallRow>> {
  return readInWindows<CallRow, AuditTables, 'call'>(
    {
      candidates: () => candidates(db.selectFrom('call'), filter),
      narrowed: (query) => residual(query, filter),
      isIndexed: isIndexed(filter),
    },
    await belowTime(db.selectFrom('call'), 'begun_at', filter.until, newest),
    wanted,
  )
}

/** The condition that picks the index; at most one, the one that leaves the fewest rows. */
const INDEXED = ['parentId', 'outcome', 'tool', 'caller', 'source'] as const

const leading = (filter: CallFilter) =>
  INDEXED.find((name) => filter[name] !== undefined && (name !== 'outcome' || !['ok', 'failed'].includes(filter.outcome!)))

/** Whether an index alone answers, so that no row is judged in vain. */
function isIndexed(filter: CallFilter): boolean {
  const first = leading(filter)
  return Object.entries(filter).every(([name, value]) => value === undefined || name === first || name === 'until')
}

function candidates<Out>(query: Query<Out>, filter: CallFilter): Query<Out> {
  // Ids are creation times, bumped upwards: what began since then has an id from then on.
  const since = filter.since === undefined ? query : query.where('id', '>=', filter.since)
  switch (leading(filter)) {
    case 'parentId':
      return since.where('parent_id', '=', filter.parentId!)
    case 'outcome':
      // The literal is the condition of the partial index; without it the planner may not use that index.
      return since.where('outcome', '=', filter.outcome as CallRow['outcome']).where('outcome', '<>', sql.lit('ok'))
    case 'tool':
      return since.where('tool', '=', filter.tool!)
    case 'caller':
      return since.where('caller_id', '=', filter.caller!)
    case 'source':
      return since.where('source', '=', filter.source!)
    case undefined:
      return since
  }
}

function residual<Out>(query: Query<Out>, filter: CallFilter): Query<Out> {
  const { caller, tool, source, kind, parentId, outcome, transport, effect, since, until, search } = filter
  let narrowed = query
  if (parentId !== undefined) narrowed = narrowed.where('parent_id', '=', parentId)
  if (caller !== undefined) narrowed = narrowed.where('caller_id', '=', caller)
  if (tool !== undefined) narrowed = narrowed.where('tool', '=', tool)
  if (source !== undefined) narrowed = narrowed.where('source', '=', source)
  if (kind !== undefined) narrowed = narrowed.where('kind', '=', kind)
  if (outcome === 'failed') narrowed = narrowed.where('outcome', '<>', 'ok')
  else if (outcome !== undefined) narrowed = narrowed.where('outcome', '=', outcome as CallRow['outcome'])
  if (transport !== undefined) narrowed = narrowed.where('transport', '=', transport)
  if (effect !== undefined) narrowed = narrowed.where('effect', '=', effect)
  if (since !== undefined) narrowed = narrowed.where('begun_at', '>=', since)
  if (until !== undefined) narrowed = narrowed.where('begun_at', '<=', until)
  if (filter.consoleReads === false) narrowed = narrowed.where(isNoConsoleRead)
  if (filter.nested) narrowed = narrowed.where(isNotUnderParent)
  return search === undefined ? narrowed : narrowed.where((where) => contains(where, search))
}

/** The same judgement as `isConsoleRead`, turned round, in SQL. */
const isNoConsoleRead = (where: ExpressionBuilder<AuditTables, 'call'>) =>
  where.or([
    where('transport', '<>', 'web'),
    where('kind', '<>', 'operation'),
    where('effect', '<>', 'read'),
    where('outcome', '<>', 'ok'),
  ])

/** The same judgement as `isUnderParent`, turned round, in SQL. */
const isNotUnderParent = (where: ExpressionBuilder<AuditTables, 'call'>) =>
  where.or([where('parent_id', 'is', null), where('transport', '=', 'web')])

function contains(where: ExpressionBuilder<AuditTables, 'call'>, search: string) {
  const pattern = containing(search)
  const columns = ['tool', 'caller_name', 'message', 'request_id'] as const
  return where.or(columns.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`))
}

/** The same judgement for a call that is not in the database yet. */
function fitsFilter(start: CallStart, filter: CallFilter): boolean {
  const { caller, tool, source, kind, parentId, outcome, transport, effect, since, until, search } = filter
  const texts = [start.tool, start.caller_name, start.request_id]
  return (
    (outcome === undefined || outcome === 'running') &&
    (caller === undefined || start.caller_id === caller) &&
    (tool === undefined || start.tool === tool) &&
    (source === undefined || start.source === source) &&
    (kind === undefined || start.kind === kind) &&
    (parentId === undefined || start.parent_id === parentId) &&
    (filter.consoleReads !== false || !isConsoleRead(start)) &&
    (!filter.nested || !isUnderParent(start)) &&
    (transport === undefined || start.transport === transport) &&
    (effect === undefined || start.effect === effect) &&
    (since === undefined || start.begun_at >= since) &&
    (until === undefined || start.begun_at <= until) &&
    (search === undefined || texts.some((text) => text.toLowerCase().includes(search.toLowerCase())))
  )
}
