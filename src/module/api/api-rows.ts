import type { Kysely, Transaction } from 'kysely'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import { requireUpdated } from '../../core/database.ts'
import type { ApiRow, ApiSchema, OperationRow, VersionRow } from './api.schema.ts'

type Ground = Pick<House, 'nowMs' | 'nextId'>
type Changes = Partial<
  Pick<
    ApiRow,
    'settings' | 'credential' | 'enabled' | 'current_version' | 'held_version' | 'source_url' | 'fetched_at' | 'fetch_fault'
  >
>

/** What a new API begins with. */
type NewApi = Pick<ApiRow, 'alias' | 'settings' | 'credential' | 'source_url' | 'fetched_at'>

/** What a new version holds. */
export type NewVersion = Pick<VersionRow, 'document_hash' | 'document' | 'model' | 'changes' | 'source_url'>

/** A version without its texts. */
export type VersionHead = Omit<VersionRow, 'document' | 'model'>

/** An operation's settings as they are changed; what is left out stays. */
type OperationChange = Partial<Pick<OperationRow, 'enabled' | 'name' | 'permit' | 'effect' | 'idempotent'>>

/** What is kept of APIs between starts. Rows are never deleted: what was removed stays as history. */
export interface ApiRows {
  all(): Promise<ApiRow[]>
  find(alias: string): Promise<ApiRow | undefined>
  add(api: NewApi, version: NewVersion, off: readonly string[], by: string): Promise<ApiRow>
  /** Change a row, whatever became of it meanwhile: what the gateway itself finds out. */
  note(row: ApiRow, change: Changes, by: string): Promise<void>
  /** @throws Fault `conflict` when the row was changed since `updatedAt` */
  update(row: ApiRow, change: Changes, updatedAt: number, by: string): Promise<void>
  remove(row: ApiRow, by: string): Promise<void>
  versions(apiId: number): Promise<VersionHead[]>
  version(apiId: number, version: number): Promise<VersionRow | undefined>
  /** Keep a version, and say in the same breath what becomes of it. */
  addVersion(row: ApiRow, version: NewVersion, become: (number: number) => Changes, by: string): Promise<number>
  operations(apiId: number): Promise<OperationRow[]>
  changeOperations(apiId: number, keys: readonly string[], change: OperationChange, by: string): Promise<void>
}

/** Rows of `api.sqlite`. */
export function createApiRows(db: Kysely<ApiSchema>, { nowMs, nextId }: Ground): ApiRows {
  // The lock must change with every write, also within one millisecond.
  const stamp = (row: ApiRow, by: string) => ({ updated_at: Math.max(nowMs(), row.updated_at + 1), updated_by: by })

  const putVersion = async (tx: Transaction<ApiSchema>, apiId: number, version: NewVersion, number: number, by: string) => {
    const row: VersionRow = {
      ...version,
      id: nextId(),
      api_id: apiId,
      version: number,
      created_at: nowMs(),
      created_by: by,
    }
    await tx.insertInto('version').values(row).execute()
  }

  const putOperation = async (tx: Transaction<ApiSchema>, apiId: number, key: string, change: OperationChange, by: string) => {
    const now = nowMs()
    const row: OperationRow = {
      id: nextId(),
      api_id: apiId,
      operation_key: key,
      enabled: 1,
      name: null,
      permit: null,
      effect: null,
      idempotent: null,
      created_at: now,
      updated_at: now,
      updated_by: by,
      ...change,
    }
    await tx
      .insertInto('operation')
      .values(row)
      .onConflict((clash) =>
        clash.columns(['api_id', 'operation_key']).doUpdateSet({ ...change, updated_at: now, updated_by: by }),
      )
      .execute()
  }

  return {
    all: () => db.selectFrom('api').selectAll().where('removed_at', 'is', null).orderBy('alias').execute(),
    find: (alias) =>
      db.selectFrom('api').selectAll().where('alias', '=', alias).where('removed_at', 'is', null).executeTakeFirst(),
    async add(api, version, off, by) {
      const now = nowMs()
      const row: ApiRow = {
        ...api,
        id: nextId(),
        enabled: 1,
        current_version: 1,
        held_version: null,
        fetch_fault: null,
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
        removed_at: null,
      }
      try {
        await db.transaction().execute(async (tx) => {
          await tx.insertInto('api').values(row).execute()
          await putVersion(tx, row.id, version, 1, by)
          for (const key of off) await putOperation(tx, row.id, key, { enabled: 0 }, by)
        })
      } catch (cause) {
        // Two at once: the index on the alias lets one of them in.
        if (!/unique/i.test(String((cause as Error).message))) throw cause
        throw new Fault('conflict', `There is an API ${api.alias} already.`, { cause })
      }
      return row
    },
    async note(row, change, by) {
      await db
        .updateTable('api')
        .set({ ...change, ...stamp(row, by) })
        .where('id', '=', row.id)
        .where('removed_at', 'is', null)
        .execute()
    },
    async update(row, change, updatedAt, by) {
      const result = await db
        .updateTable('api')
        .set({ ...change, ...stamp(row, by) })
        .where('id', '=', row.id)
        .where('updated_at', '=', updatedAt)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      requireUpdated(result.numUpdatedRows, `API ${row.alias}`)
    },
    async remove(row, by) {
      await db
        .updateTable('api')
        .set({ removed_at: nowMs(), ...stamp(row, by) })
        .where('id', '=', row.id)
        .execute()
    },
    versions: (apiId) =>
      db
        .selectFrom('version')
        .select(['id', 'api_id', 'version', 'document_hash', 'changes', 'source_url', 'created_at', 'created_by'])
        .where('api_id', '=', apiId)
        .orderBy('version', 'desc')
        .execute(),
    version: (apiId, version) =>
      db.selectFrom('version').selectAll().where('api_id', '=', apiId).where('version', '=', version).executeTakeFirst(),
    addVersion: (row, version, become, by) =>
      db.transaction().execute(async (tx) => {
        const { last } = await tx
          .selectFrom('version')
          .select(({ fn }) => fn.max('version').as('last'))
          .where('api_id', '=', row.id)
          .executeTakeFirstOrThrow()
        const number = Number(last) + 1
        await putVersion(tx, row.id, version, number, by)
        await tx
          .updateTable('api')
          .set({ ...become(number), ...stamp(row, by) })
          .where('id', '=', row.id)
          .execute()
        return number
      }),
    operations: (apiId) => db.selectFrom('operation').selectAll().where('api_id', '=', apiId).execute(),
    changeOperations: (apiId, keys, change, by) =>
      db.transaction().execute(async (tx) => {
        for (const key of keys) await putOperation(tx, apiId, key, change, by)
      }),
  }
}
