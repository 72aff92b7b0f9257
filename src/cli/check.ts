import { Refusal } from '../config/refusal.ts'
import { createLogger } from '../core/logger.ts'
import { complaints } from '../module/upstream/configured-servers.ts'
import type { UpstreamSettings } from '../module/upstream/upstream.settings.ts'
import { configure, type FrontConfig } from './configure.ts'
import { DataLockedRefusal, lockData } from './lock-data.ts'
import { open } from './open.ts'
import { openKeys } from './open-keys.ts'
import type { CommonFlags } from './program.ts'

/**
 * `gatehouse check`: everything that could refuse the start, without starting; and broken upstreams, with which it would start.
 *
 * @throws Refusal
 */
export async function check(flags: CommonFlags): Promise<void> {
  const config = configure(flags)
  openKeys(config)
  const { broken, odd } = await complaints(config.sections['upstream'] as UpstreamSettings)
  for (const each of odd) process.stderr.write(`gatehouse: warning: ${each}\n`)
  const where = config.file ?? 'The configuration (defaults)'
  if (broken.length > 0) throw new Refusal(`${where}: ${broken.join('\n')}`)
  const stores = (await openStores(config))
    ? `keys, stores in ${config.dataDir} and all sections were read.`
    : `keys and all sections were read. The stores in ${config.dataDir} were left alone, because a gateway runs on them.`
  process.stdout.write(`${where} is good: ${stores}\n`)
}

/** @returns false where a running gateway has them */
async function openStores(config: FrontConfig): Promise<boolean> {
  let unlock: () => void
  try {
    unlock = lockData(config.dataDir)
  } catch (thrown) {
    if (thrown instanceof DataLockedRefusal) return false
    throw thrown
  }
  try {
    const gatehouse = await open(config, createLogger('error'))
    await gatehouse.stop()
  } finally {
    unlock()
  }
  return true
}
