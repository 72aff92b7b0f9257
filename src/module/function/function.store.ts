import type { Kysely } from 'kysely'
import { functionLane } from '../../../queue/function.lane.ts'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { createDraftSources, type DraftSources } from './draft-sources.ts'
import { FUNCTION_MIGRATIONS, type FunctionSchema } from './function.schema.ts'
import type { FunctionSettings } from './function.settings.ts'
import { createFunctionRows, type FunctionRows } from './function-rows.ts'
import { createInvocationLog, type InvocationLog } from './invocation-log.ts'
import { createLaneHandler } from './lane-handler.ts'
import { declarePluginSecrets } from './plugin-settings.ts'
import { openRegistry, type Registry } from './registry.ts'

/** The open store: what is kept, and what can be called. */
export interface FunctionStore extends Closable {
  readonly house: House<FunctionSettings>
  readonly db: Kysely<FunctionSchema>
  readonly rows: FunctionRows
  readonly registry: Registry
  readonly drafts: DraftSources
  /** To be caught up with before runs are read. */
  readonly log: InvocationLog
  /** Called after a job was put into the outbox. */
  onSubmit(listener: () => void): void
  submitted(): void
}

/**
 * Open `function.sqlite` and answer for the lane `function`, also for jobs that an earlier front had begun.
 *
 * @throws TypeError where a setting of a plugin is a reference that cannot be read
 */
export async function openFunctionStore(house: House<FunctionSettings>): Promise<FunctionStore> {
  declarePluginSecrets(house)
  const database = await openDatabase<FunctionSchema>({ ...storeOf(house, 'function'), migrations: FUNCTION_MIGRATIONS })
  const { db, close } = database
  const rows = createFunctionRows(db, house)
  const drafts = createDraftSources()
  const log = createInvocationLog(database)
  house.queue.handle(functionLane, createLaneHandler({ house, rows, drafts, log }))
  const listeners: (() => void)[] = []
  return {
    house,
    db,
    rows,
    drafts,
    log,
    registry: await openRegistry(house, rows),
    onSubmit: (listener) => void listeners.push(listener),
    submitted() {
      for (const listener of listeners) listener()
    },
    close,
  }
}
