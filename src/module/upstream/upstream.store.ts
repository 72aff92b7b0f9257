import { join } from 'node:path'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { createChildRegister } from '../../mcp/client/child-register.ts'
import { createHttpAgent } from '../../mcp/client/http-agent.ts'
import { createTimerWheel } from '../../mcp/client/timer-wheel.ts'
import { measureCalls } from './call.metrics.ts'
import { configuredServers } from './configured-servers.ts'
import { createOrphanage } from './orphanage.ts'
import { Registry } from './registry.ts'
import { measureUpstreams } from './upstream.metrics.ts'
import { UPSTREAM_MIGRATIONS, type UpstreamSchema } from './upstream.schema.ts'
import type { UpstreamSettings } from './upstream.settings.ts'
import { createUpstreamRows } from './upstream-rows.ts'

/** The open store: what is kept, and what is connected. */
export interface UpstreamStore extends Closable {
  readonly house: House<UpstreamSettings>
  readonly registry: Registry
  /** How many child processes are alive. */
  children(): number
}

/** Read what is configured and what was added. Connects nothing yet; ends what a killed gateway left running. */
export async function openUpstreamStore(house: House<UpstreamSettings>): Promise<UpstreamStore> {
  const database = await openDatabase<UpstreamSchema>({ ...storeOf(house, 'upstream'), migrations: UPSTREAM_MIGRATIONS })
  const orphanage = createOrphanage(house.dataDir === ':memory:' ? undefined : join(house.dataDir, 'upstream-children'))
  const swept = orphanage.sweep()
  if (swept > 0) house.log.warn({ processes: swept }, 'upstream.orphans_ended')
  const register = createChildRegister(orphanage)
  const agent = createHttpAgent(house.egress)
  const { version, settings } = house
  const ground = {
    wheel: createTimerWheel(),
    agent,
    register,
    version,
    killAfterMs: settings.killAfterMs,
    secrets: house.secrets,
  }
  const rows = createUpstreamRows(database.db, house)
  const registry = new Registry({ house, rows, ground, metrics: measureCalls(house.meter) })
  measureUpstreams(house.meter, registry)
  await fill(registry, rows, house)
  return {
    house,
    registry,
    children: () => register.pids.length,
    async close() {
      await registry.stop()
      await agent.destroy()
      register.close()
      await database.close()
    },
  }
}

async function fill(
  registry: Registry,
  rows: ReturnType<typeof createUpstreamRows>,
  { settings, log }: House<UpstreamSettings>,
): Promise<void> {
  const overrides = new Map((await rows.overrides()).map((row) => [row.alias, row]))
  const { servers, fileFault, twice } = await configuredServers(settings)
  if (fileFault !== undefined) log.warn({ file: settings.serversFile, fault: fileFault }, 'upstream.servers_file_unread')
  for (const alias of twice) log.warn({ alias, file: settings.serversFile }, 'upstream.defined_twice')
  for (const [alias, raw] of servers) registry.addConfigured(alias, raw, overrides)
  for (const row of await rows.upstreams()) registry.addStored(row, overrides)
}
