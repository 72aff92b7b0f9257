import { sql } from 'kysely'
import type { Outcome } from '../../contract/fault.ts'
import type { Ending, Span, Visit } from '../../contract/visit.ts'
import type { ChainTables } from '../../core/chain.ts'
import { chainMigration } from '../../core/chain.ts'
import type { Migration } from '../../core/database.ts'
import { redactJson } from '../../core/redact.ts'
import { REDACTED, redactText } from '../../core/secret-text.ts'
import { storable } from '../../core/storable.ts'

/** What is known of a call when it begins; the content of its `begun` link. */
export interface CallStart {
  readonly id: number
  readonly request_id: string
  readonly begun_at: number
  readonly caller_id: string
  readonly caller_name: string
  readonly user_id: number | null
  readonly token_id: number | null
  readonly auth_path: string
  readonly transport: string
  readonly tool: string
  readonly source: string
  readonly kind: string
  readonly effect: string
  /** The call that it is part of. */
  readonly parent_id: number | null
}

/** One call that has ended. */
export interface CallRow extends CallStart {
  readonly finished_at: number
  readonly outcome: Outcome
  readonly stage: string | null
  readonly code: string | null
  readonly message: string | null
  /** `null` when the gateway stopped before the call had ended. */
  readonly duration_ms: number | null
  readonly begun_seq: number
  readonly finished_seq: number
}

/** Calls of one minute or hour, one tool and one outcome. Derived: it can be counted anew from the calls. */
export interface TallyRow {
  /** Length of the slot in ms: a minute or an hour. */
  readonly step_ms: number
  /** Start of the slot. */
  readonly at: number
  readonly tool: string
  readonly outcome: string
  readonly calls: number
  /** Durations as `{"<bucket>": count}`, see `duration-histogram.ts`. */
  readonly histogram: string
}

export interface AuditTables extends ChainTables {
  readonly call: CallRow
  readonly tally: TallyRow
  /** `id` 1: the link up to which finished calls have been counted. */
  readonly tally_mark: { readonly id: number; readonly seq: number }
}

/** Columns of a call in the order in which the chain covers them. Append only, and what is appended is null for older rows. */
export const CALL_COLUMNS = [
  'id',
  'request_id',
  'begun_at',
  'caller_id',
  'caller_name',
  'user_id',
  'token_id',
  'auth_path',
  'transport',
  'tool',
  'source',
  'kind',
  'effect',
  'finished_at',
  'outcome',
  'stage',
  'code',
  'message',
  'duration_ms',
  'begun_seq',
  'finished_seq',
  'parent_id',
] as const satisfies readonly (keyof CallRow)[]

/** How many of them there were at first. */
const FIRST_COLUMNS = 21

/** The schema of the audit store. */
export const auditMigrations: readonly Migration[] = [
  chainMigration,
  {
    name: 'call',
    async up(db) {
      await db.schema
        .createTable('call')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('request_id', 'text', (column) => column.notNull())
        .addColumn('begun_at', 'bigint', (column) => column.notNull())
        .addColumn('caller_id', 'text', (column) => column.notNull())
        .addColumn('caller_name', 'text', (column) => column.notNull())
        .addColumn('user_id', 'bigint')
        .addColumn('token_id', 'bigint')
        .addColumn('auth_path', 'text', (column) => column.notNull())
        .addColumn('transport', 'text', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('source', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('effect', 'text', (column) => column.notNull())
        .addColumn('finished_at', 'bigint', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('stage', 'text')
        .addColumn('code', 'text')
        .addColumn('message', 'text')
        .addColumn('duration_ms', 'double precision')
        .addColumn('begun_seq', 'bigint', (column) => column.notNull())
        .addColumn('finished_seq', 'bigint', (column) => column.notNull())
        .execute()
      // Calls come to the database in groups, so that an index costs each of them about 1 µs. Every one ends in the id, the order of all lists.
      for (const column of ['tool', 'caller_id', 'source', 'begun_at']) {
        await db.schema.createIndex(`call_${column}`).on('call').columns([column, 'id']).execute()
      }
      await db.schema
        .createIndex('call_not_ok')
        .on('call')
        .columns(['outcome', 'id'])
        .where(sql.ref('outcome'), '<>', sql.lit('ok'))
        .execute()
    },
  },
  {
    name: 'tally',
    async up(db) {
      await db.schema
        .createTable('tally')
        .addColumn('step_ms', 'bigint', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('tool', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('calls', 'bigint', (column) => column.notNull())
        .addColumn('histogram', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('tally_slot', ['step_ms', 'at', 'tool', 'outcome'])
        .execute()
      await db.schema
        .createTable('tally_mark')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('seq', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  {
    name: 'parent',
    async up(db) {
      await db.schema.alterTable('call').addColumn('parent_id', 'bigint').execute()
      // Few calls are part of another, so the index holds these alone.
      await db.schema
        .createIndex('call_parent')
        .on('call')
        .columns(['parent_id', 'id'])
        .where(sql.ref('parent_id'), 'is not', null)
        .execute()
    },
  },
]

/** Longest message that is kept, in characters. */
const MESSAGE_CHARS = 2_000

/**
 * What is written down before the tool runs.
 *
 * @param idShift what is added to the ids of visits, so that those of records never repeat after a restart
 */
export function callStart(visit: Visit, idShift: number): CallStart {
  const { caller, tool, parentId } = visit
  return {
    id: visit.id + idShift,
    request_id: storable(visit.requestId),
    begun_at: visit.startedAt,
    caller_id: storable(caller.id),
    caller_name: storable(caller.name),
    user_id: caller.userId ?? null,
    token_id: caller.tokenId ?? null,
    auth_path: caller.authPath,
    transport: visit.transport,
    tool: storable(tool.name),
    source: storable(tool.source),
    kind: tool.kind,
    effect: tool.effect,
    parent_id: parentId === undefined ? null : parentId + idShift,
  }
}

/** What a `begun` link holds; those of earlier versions know of no parents. @throws SyntaxError for what is no JSON */
export const readStart = (content: string): CallStart => ({
  parent_id: null,
  ...(JSON.parse(content) as Omit<CallStart, 'parent_id'>),
})

/** How the call ended, as its row keeps it. */
export type CallEnd = Omit<CallRow, keyof CallStart | 'begun_seq' | 'finished_seq'>

/** What is written down before the caller is answered. */
export const callEnd = (ending: Ending, finishedAt: number): CallEnd => ({
  finished_at: finishedAt,
  outcome: ending.outcome,
  stage: ending.stage ?? null,
  code: ending.code ?? null,
  message: ending.message === undefined ? null : storable(redactText(ending.message.slice(0, MESSAGE_CHARS))),
  // To the microsecond: more digits are noise.
  duration_ms: Math.round(ending.durationMs * 1_000) / 1_000,
})

/** The end of a call that the gateway did not live to see. */
export const interrupted = (finishedAt: number): CallEnd => ({
  finished_at: finishedAt,
  outcome: 'interrupted',
  stage: null,
  code: null,
  message: 'The gateway stopped before the call had ended. What the tool had done by then is not known.',
  duration_ms: null,
})

/** The arguments, fit to be kept. */
export const requestPayload = ({ arguments: args, tool }: Visit, maxChars: number): string | null =>
  args === undefined ? null : redactJson(args, { maxChars, secret: tool.secret })

/** The answer, fit to be kept; `null` when there was none. */
export function responsePayload({ answer }: Ending, { tool }: Visit, maxChars: number): string | null {
  if (!answer) return null
  if (tool.reveals) return JSON.stringify(REDACTED)
  return redactJson(answer.kind === 'data' ? answer.data : answer.result, { maxChars })
}

/** Spans as the `finished` link keeps them: `[stage, startUs, durationUs]` each. */
export function packSpans(spans: readonly Span[]): string {
  // Put together by hand, because there are fifteen for each call and their parts need no escaping.
  let text = ''
  for (const { stage, startUs, durationUs } of spans) text += `${text === '' ? '' : ','}["${stage}",${startUs},${durationUs}]`
  return `[${text}]`
}

/** The opposite of `packSpans`. */
export const unpackSpans = (text: string): Span[] =>
  (JSON.parse(text) as [Span['stage'], number, number][]).map(([stage, startUs, durationUs]) => ({ stage, startUs, durationUs }))

/** The text of a call that its `finished` link covers. Columns that came later count only where they hold something, so that older rows still fit. */
export function coveredCall(row: CallRow): string {
  const values = CALL_COLUMNS.map((column) => row[column])
  while (values.length > FIRST_COLUMNS && values.at(-1) === null) values.pop()
  return JSON.stringify(values)
}

/** The opposite of `coveredCall`. */
export function unpackCovered(text: string): CallRow {
  const values = JSON.parse(text) as unknown[]
  return Object.fromEntries(CALL_COLUMNS.map((column, index) => [column, values[index] ?? null])) as unknown as CallRow
}
