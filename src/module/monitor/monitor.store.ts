import type { House } from '../../contract/house.ts'
import type { Closable, Service } from '../../contract/module.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { hourly } from '../../core/hourly.ts'
import { periodic } from '../../core/periodic.ts'
import { createHistory, type History } from './history.ts'
import { measureChecks } from './monitor.metrics.ts'
import { type MonitorTables, monitorMigrations } from './monitor.schema.ts'
import type { MonitorSettings } from './monitor.settings.ts'
import { createRounds, type Rounds } from './rounds.ts'

const DAY_MS = 86_400_000

/** The monitor at run time. */
export interface MonitorStore extends Closable {
  readonly house: House<MonitorSettings>
  readonly history: History
  readonly rounds: Rounds
}

/** Open the history. Nothing is checked before the service runs. @throws TypeError when the file was written by a newer program */
export async function openMonitorStore(house: House<MonitorSettings>): Promise<MonitorStore> {
  const { db, close } = await openDatabase<MonitorTables>({ ...storeOf(house, 'monitor'), migrations: monitorMigrations })
  const history = createHistory(db, house.nextId)
  const rounds = createRounds(house, history)
  measureChecks(house.meter, rounds)
  return { house, history, rounds, close }
}

/** Checks at the start and then in the set interval; forgets what is too old, hourly. */
export function monitorService({ house, history, rounds }: MonitorStore): Service {
  const { intervalSeconds, retentionDays } = house.settings
  const checking = periodic(house, intervalSeconds * 1_000, 'monitor.round_failed', () => rounds.run())
  const purging = hourly(house, 'monitor.purge_failed', async (nowMs) => {
    const rows = await history.purge(nowMs - retentionDays * DAY_MS)
    if (rows > 0) house.log.info({ rows }, 'monitor.purged')
  })
  return {
    async start() {
      await checking.start()
      await purging.start()
    },
    async stop() {
      await purging.stop()
      await checking.stop()
    },
  }
}
