import { readBootKeys } from '../config/boot-keys.ts'
import { splitKey } from '../config/recovery-kit.ts'
import { configure } from './configure.ts'
import { openKeys } from './open-keys.ts'
import type { CommonFlags } from './program.ts'

interface SplitFlags extends CommonFlags {
  readonly shares: number
  readonly threshold: number
}

/** `gatehouse recovery split`: the shares go to standard output and nowhere else. */
export async function splitCommand(flags: SplitFlags): Promise<void> {
  const config = configure(flags)
  // A key that does not open the data is not worth keeping.
  openKeys(config)
  const { ACCESS_CONTROL_KEY: key } = readBootKeys(process.env, config.keysFile)
  const shares = await splitKey(key, flags.shares, flags.threshold)
  process.stderr.write(
    `Any ${flags.threshold} of these ${flags.shares} shares bring ACCESS_CONTROL_KEY back; fewer tell nothing. They are shown only now. Give each to somebody else, on paper, and none to this machine.\n`,
  )
  process.stdout.write(`${shares.join('\n')}\n`)
}
