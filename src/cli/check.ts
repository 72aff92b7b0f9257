import { createLogger } from '../core/logger.ts'
import { configure } from './configure.ts'
import { lockData } from './lock-data.ts'
import { open } from './open.ts'
import type { CommonFlags } from './program.ts'

/** `gatehouse check`: everything that could refuse the start, without starting. */
export async function check(flags: CommonFlags): Promise<void> {
  const config = configure(flags)
  const unlock = lockData(config.dataDir)
  const gatehouse = await open(config, createLogger('error'))
  await gatehouse.stop()
  unlock()
  process.stdout.write(
    `${config.file ?? 'The configuration (defaults)'} is good: keys, stores in ${config.dataDir} and all sections were read.\n`,
  )
}
