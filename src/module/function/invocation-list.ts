import { belowCursor, type Page, pageOf } from '../../core/paging.ts'
import type { InvocationRow } from './function.schema.ts'
import type { FunctionStore } from './function.store.ts'

/** A run and the name of its function. */
export type NamedInvocation = InvocationRow & { readonly name: string }

interface Filter {
  readonly name?: string | undefined
  readonly outcome?: InvocationRow['outcome'] | undefined
}

/** Runs that fit, newest first. Each combination of filters has its index. @throws Fault `not_found` for a function that is not there */
export async function listInvocations(
  { db, rows, log }: FunctionStore,
  { name, outcome }: Filter,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Page<NamedInvocation>> {
  await log.caughtUp()
  let query = selectInvocations(db).where('invocation.id', '<', belowCursor(cursor))
  if (name !== undefined) query = query.where('function_id', '=', (await rows.get(name)).id)
  if (outcome !== undefined) query = query.where('outcome', '=', outcome)
  const found = await query
    .orderBy('invocation.id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(found, limit)
}

/** One run; undefined where there is none. */
export async function findInvocation({ db, log }: FunctionStore, id: number): Promise<NamedInvocation | undefined> {
  await log.caughtUp()
  return selectInvocations(db).where('invocation.id', '=', id).executeTakeFirst()
}

const selectInvocations = (db: FunctionStore['db']) =>
  db
    .selectFrom('invocation')
    .innerJoin('function', 'function.id', 'invocation.function_id')
    .selectAll('invocation')
    .select('function.name as name')
