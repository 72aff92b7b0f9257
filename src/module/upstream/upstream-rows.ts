import type { Kysely } from 'kysely'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import { requireUpdated } from '../../core/database.ts'
import type { Definition } from './definition.ts'
import type { OverrideRow, UpstreamRow, UpstreamSchema } from './upstream.schema.ts'

/** What is kept of upstreams between starts. */
export interface UpstreamRows {
  upstreams(): Promise<UpstreamRow[]>
  overrides(): Promise<OverrideRow[]>
  add(alias: string, definition: Definition, by: string): Promise<UpstreamRow>
  /** @throws Fault `conflict` when the row was changed since `updatedAt` */
  update(row: UpstreamRow, definition: Definition, updatedAt: number, by: string): Promise<UpstreamRow>
  remove(row: UpstreamRow, by: string): Promise<void>
  override(current: OverrideRow | undefined, alias: string, enabled: boolean, by: string): Promise<OverrideRow>
  reset(row: OverrideRow, by: string): Promise<void>
}

type Ground = Pick<House, 'nowMs' | 'nextId'>

/** Rows are never deleted: what was removed or given up stays as history. */
export function createUpstreamRows(db: Kysely<UpstreamSchema>, { nowMs, nextId }: Ground): UpstreamRows {
  return {
    upstreams: () => db.selectFrom('upstream').selectAll().where('removed_at', 'is', null).orderBy('id').execute(),
    overrides: () => db.selectFrom('override').selectAll().where('reset_at', 'is', null).orderBy('id').execute(),
    async add(alias, definition, by) {
      const now = nowMs()
      const row: UpstreamRow = {
        id: nextId(),
        alias,
        definition: JSON.stringify(definition),
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
        removed_at: null,
      }
      try {
        await db.insertInto('upstream').values(row).execute()
      } catch (cause) {
        // Two at once: the index on the alias lets one of them in.
        if (!/unique/i.test(String((cause as Error).message))) throw cause
        throw new Fault('conflict', `There is an upstream ${alias} already.`, { cause })
      }
      return row
    },
    async update(row, definition, updatedAt, by) {
      // The lock must change with every write, also within one millisecond.
      const change = { definition: JSON.stringify(definition), updated_at: Math.max(nowMs(), row.updated_at + 1), updated_by: by }
      const result = await db
        .updateTable('upstream')
        .set(change)
        .where('id', '=', row.id)
        .where('updated_at', '=', updatedAt)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      requireUpdated(result.numUpdatedRows, `Upstream ${row.alias}`)
      return { ...row, ...change }
    },
    async remove({ id }, by) {
      const now = nowMs()
      await db.updateTable('upstream').set({ removed_at: now, updated_at: now, updated_by: by }).where('id', '=', id).execute()
    },
    async override(current, alias, enabled, by) {
      const now = nowMs()
      const change = { enabled: enabled ? 1 : 0, updated_at: now, updated_by: by }
      if (current !== undefined) {
        await db.updateTable('override').set(change).where('id', '=', current.id).execute()
        return { ...current, ...change }
      }
      const row: OverrideRow = { id: nextId(), alias, created_at: now, reset_at: null, ...change }
      await db.insertInto('override').values(row).execute()
      return row
    },
    async reset({ id }, by) {
      const now = nowMs()
      await db.updateTable('override').set({ reset_at: now, updated_at: now, updated_by: by }).where('id', '=', id).execute()
    },
  }
}
