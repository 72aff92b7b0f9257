import type { Kysely, Transaction } from 'kysely'
import { nextTurn } from '../../core/next-turn.ts'
import type { FunctionSchema, InvocationRow } from './function.schema.ts'

/** Where ended runs are written. */
export interface InvocationLog {
  /** Write down a run that has ended; one that is written already is left as it is. Resolves once it is kept. */
  ended(row: InvocationRow): Promise<void>
}

const HOUR_MS = 3_600_000

/** All runs that end in one turn of the event loop share a transaction: one by one they would cost several times more. */
export function createInvocationLog(db: Kysely<FunctionSchema>): InvocationLog {
  let waiting: InvocationRow[] = []
  let writing: Promise<void> | undefined

  const writeAll = async (): Promise<void> => {
    await nextTurn()
    const rows = waiting
    waiting = []
    writing = undefined
    await db.transaction().execute((transaction) => write(transaction, rows))
  }
  return {
    ended(row) {
      waiting.push(row)
      writing ??= writeAll()
      return writing
    },
  }
}

async function write(transaction: Transaction<FunctionSchema>, rows: readonly InvocationRow[]): Promise<void> {
  const fresh = await notYetEnded(transaction, rows)
  for (const row of fresh) {
    await transaction
      .insertInto('invocation')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('job_id').doUpdateSet(({ ref }) => ({
          started_at: ref('excluded.started_at'),
          ended_at: ref('excluded.ended_at'),
          duration_ms: ref('excluded.duration_ms'),
          outcome: ref('excluded.outcome'),
          reason: ref('excluded.reason'),
          message: ref('excluded.message'),
          logs: ref('excluded.logs'),
          logs_cut: ref('excluded.logs_cut'),
          updated_at: ref('excluded.updated_at'),
        })),
      )
      .execute()
  }
  for (const tally of tallied(fresh)) {
    await transaction
      .insertInto('tally')
      .values(tally)
      .onConflict((conflict) =>
        conflict.columns(['function_id', 'hour']).doUpdateSet(({ ref, eb }) => ({
          calls: eb(ref('tally.calls'), '+', ref('excluded.calls')),
          failures: eb(ref('tally.failures'), '+', ref('excluded.failures')),
        })),
      )
      .execute()
  }
}

/** A job's end is told again after a crash. */
async function notYetEnded(transaction: Transaction<FunctionSchema>, rows: readonly InvocationRow[]): Promise<InvocationRow[]> {
  const jobs = rows.map(({ job_id }) => job_id)
  const known = await transaction
    .selectFrom('invocation')
    .select('job_id')
    .where('job_id', 'in', jobs)
    .where('outcome', '<>', 'waiting')
    .execute()
  const ended = new Set(known.map(({ job_id }) => job_id))
  return rows.filter(({ job_id }) => !ended.has(job_id))
}

function tallied(rows: readonly InvocationRow[]) {
  const tallies = new Map<string, { function_id: number; hour: number; calls: number; failures: number }>()
  for (const { function_id, ended_at, outcome } of rows) {
    const hour = Math.floor(ended_at! / HOUR_MS) * HOUR_MS
    const key = `${function_id} ${hour}`
    const { calls, failures } = tallies.get(key) ?? { calls: 0, failures: 0 }
    tallies.set(key, { function_id, hour, calls: calls + 1, failures: failures + (outcome === 'ok' ? 0 : 1) })
  }
  return tallies.values()
}
