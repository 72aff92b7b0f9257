import type { Migration } from '../../core/database.ts'
import type { CheckName } from './check.ts'

/** One result of a check. It holds until the next one of its subject: what did not change is not written again for ten minutes. */
export interface ResultRow {
  readonly id: number
  readonly check_name: CheckName
  readonly subject: string
  /** 0 ok, 1 behind, 2 failing. */
  readonly state: number
  readonly value: number | null
  /** Only where it is not ok. */
  readonly reason: string | null
}

/** How a lane stood at one round; times in ms. */
interface LaneRow {
  readonly id: number
  readonly lane: string
  readonly ready: number
  readonly running: number
  readonly capacity: number
  readonly oldest_wait_ms: number
  readonly wait_p50: number | null
  readonly wait_p95: number | null
  readonly wait_p99: number | null
  readonly run_p50: number | null
  readonly run_p95: number | null
  readonly run_p99: number | null
}

/** Ids are creation times in ms, so they answer questions of time too. */
export interface MonitorTables {
  readonly check_result: ResultRow
  readonly lane_sample: LaneRow
}

export const monitorMigrations: readonly Migration[] = [
  {
    name: 'monitor',
    async up(db) {
      await db.schema
        .createTable('check_result')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('check_name', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('state', 'integer', (column) => column.notNull())
        .addColumn('value', 'double precision')
        .addColumn('reason', 'text')
        .execute()
      await db.schema.createIndex('check_result_subject').on('check_result').columns(['check_name', 'subject', 'id']).execute()
      let sample = db.schema
        .createTable('lane_sample')
        .addColumn('id', 'bigint', (column) => column.primaryKey())
        .addColumn('lane', 'text', (column) => column.notNull())
        .addColumn('ready', 'integer', (column) => column.notNull())
        .addColumn('running', 'integer', (column) => column.notNull())
        .addColumn('capacity', 'integer', (column) => column.notNull())
        .addColumn('oldest_wait_ms', 'double precision', (column) => column.notNull())
      for (const column of ['wait_p50', 'wait_p95', 'wait_p99', 'run_p50', 'run_p95', 'run_p99'] as const)
        sample = sample.addColumn(column, 'double precision')
      await sample.execute()
      await db.schema.createIndex('lane_sample_lane').on('lane_sample').columns(['lane', 'id']).execute()
    },
  },
]
