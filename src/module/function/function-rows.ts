import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import { requireUpdated } from '../../core/database.ts'
import type { Definition } from './definition.ts'
import type { FunctionRow, FunctionSchema, VersionRow } from './function.schema.ts'

/** A function without its source. */
export type FunctionHead = Omit<FunctionRow, 'source'>

/** A version without its source. */
export type VersionHead = Omit<VersionRow, 'source'>

/** What an author writes. */
export interface Draft {
  readonly definition: Definition
  readonly source: string
}

/** What is kept of functions and their versions. */
export interface FunctionRows {
  /** All that were not removed, by name. */
  all(): Promise<FunctionHead[]>
  /** The versions that calls run. */
  current(): Promise<VersionHead[]>
  find(name: string): Promise<FunctionRow | undefined>
  /** @throws Fault `not_found` */
  get(name: string): Promise<FunctionRow>
  /** @throws Fault `conflict` for a name that is taken */
  create(name: string, draft: Draft, by: string): Promise<FunctionRow>
  /** @throws Fault `conflict` when the row was changed since `updatedAt` */
  update(row: FunctionRow, draft: Draft, updatedAt: number, by: string): Promise<void>
  /** Make a version of the draft and let calls run it. @throws Fault `conflict` when the draft was changed meanwhile */
  publish(row: FunctionRow, note: string, by: string): Promise<number>
  /** Change what is no part of the draft. @throws Fault `conflict` */
  set(
    row: FunctionRow,
    change: Partial<Pick<FunctionRow, 'enabled' | 'current_version' | 'removed_at'>>,
    by: string,
  ): Promise<void>
  /** Newest first, below a number. */
  versions(functionId: number, below: number, limit: number): Promise<VersionHead[]>
  version(functionId: number, version: number): Promise<VersionRow | undefined>
  /** The source with a hash, be it published or a draft. */
  source(hash: string): Promise<string | undefined>
}

/** The hash that stands for a source, hex. */
export const hashOf = (source: string): string => createHash('sha256').update(source).digest('hex')

const FUNCTION_HEAD = [
  'id',
  'name',
  'definition',
  'source_hash',
  'enabled',
  'current_version',
  'created_at',
  'created_by',
  'updated_at',
  'updated_by',
  'removed_at',
] as const satisfies readonly (keyof FunctionHead)[]

const VERSION_HEAD = [
  'version.id',
  'version.function_id',
  'version.version',
  'version.definition',
  'version.source_hash',
  'version.note',
  'version.created_at',
  'version.created_by',
] as const

type Ground = Pick<House, 'nowMs' | 'nextId'>

/** Rows are never deleted: what was removed stays as history. */
export function createFunctionRows(db: Kysely<FunctionSchema>, { nowMs, nextId }: Ground): FunctionRows {
  const set: FunctionRows['set'] = async (row, change, by) => {
    const { numUpdatedRows } = await db
      .updateTable('function')
      .set({ ...change, ...stamp(row, nowMs(), by) })
      .where('id', '=', row.id)
      .where('updated_at', '=', row.updated_at)
      .executeTakeFirst()
    requireUpdated(numUpdatedRows, `The function ${row.name}`)
  }
  const find = (name: string) =>
    db.selectFrom('function').selectAll().where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()
  return {
    set,
    all: () => db.selectFrom('function').select(FUNCTION_HEAD).where('removed_at', 'is', null).orderBy('name').execute(),
    current: () =>
      db
        .selectFrom('version')
        .innerJoin('function', (join) =>
          join.onRef('function.id', '=', 'version.function_id').onRef('function.current_version', '=', 'version.version'),
        )
        .where('function.removed_at', 'is', null)
        .select(VERSION_HEAD)
        .execute(),
    find,
    async get(name) {
      const row = await find(name)
      if (row) return row
      throw new Fault('not_found', `There is no function ${name}. function_list shows those that there are.`)
    },
    async create(name, draft, by) {
      const now = nowMs()
      const row: FunctionRow = {
        id: nextId(),
        name,
        ...kept(draft),
        enabled: 1,
        current_version: null,
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
        removed_at: null,
      }
      try {
        await db.insertInto('function').values(row).execute()
      } catch (cause) {
        // Two at once: the index on the name lets one of them in.
        if (!/unique/i.test(String((cause as Error).message))) throw cause
        throw new Fault('conflict', `There is a function ${name} already.`, { cause })
      }
      return row
    },
    async update(row, draft, updatedAt, by) {
      const { numUpdatedRows } = await db
        .updateTable('function')
        .set({ ...kept(draft), ...stamp(row, nowMs(), by) })
        .where('id', '=', row.id)
        .where('updated_at', '=', updatedAt)
        .where('removed_at', 'is', null)
        .executeTakeFirst()
      requireUpdated(numUpdatedRows, `The function ${row.name}`)
    },
    publish(row, note, by) {
      return db.transaction().execute(async (transaction) => {
        const last = await transaction
          .selectFrom('version')
          .select('version')
          .where('function_id', '=', row.id)
          .orderBy('version', 'desc')
          .limit(1)
          .executeTakeFirst()
        const version = (last?.version ?? 0) + 1
        const { definition, source, source_hash } = row
        await transaction
          .insertInto('version')
          .values({
            id: nextId(),
            function_id: row.id,
            version,
            definition,
            source,
            source_hash,
            note,
            created_at: nowMs(),
            created_by: by,
          })
          .execute()
        const { numUpdatedRows } = await transaction
          .updateTable('function')
          .set({ current_version: version, ...stamp(row, nowMs(), by) })
          .where('id', '=', row.id)
          .where('updated_at', '=', row.updated_at)
          .where('removed_at', 'is', null)
          .executeTakeFirst()
        requireUpdated(numUpdatedRows, `The function ${row.name}`)
        return version
      })
    },
    versions: (functionId, below, limit) =>
      db
        .selectFrom('version')
        .select(VERSION_HEAD)
        .where('function_id', '=', functionId)
        .where('version', '<', below)
        .orderBy('version', 'desc')
        .limit(limit)
        .execute(),
    version: (functionId, version) =>
      db
        .selectFrom('version')
        .selectAll()
        .where('function_id', '=', functionId)
        .where('version', '=', version)
        .executeTakeFirst(),
    async source(hash) {
      const published = await db.selectFrom('version').select('source').where('source_hash', '=', hash).executeTakeFirst()
      const found =
        published ?? (await db.selectFrom('function').select('source').where('source_hash', '=', hash).executeTakeFirst())
      return found?.source
    },
  }
}

const kept = ({ definition, source }: Draft) => ({
  definition: JSON.stringify(definition),
  source,
  source_hash: hashOf(source),
})

/** The lock must change with every write, also within one millisecond. */
const stamp = (row: FunctionRow, nowMs: number, by: string) => ({
  updated_at: Math.max(nowMs, row.updated_at + 1),
  updated_by: by,
})
