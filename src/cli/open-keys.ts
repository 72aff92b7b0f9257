import { readBootKeys } from '../config/boot-keys.ts'
import type { Config } from '../config/load.ts'
import { dropOlderWraps, readRootKey } from '../config/root-key.ts'
import type { Keys } from '../contract/house.ts'
import { createKeys } from '../core/keys.ts'

/** The keys of an installation, as it has them today. @throws Refusal */
export function openKeys(config: Pick<Config, 'dataDir' | 'keysFile'>): Keys {
  const boot = readBootKeys(process.env, config.keysFile)
  return createKeys(boot, readRootKey(config.dataDir, boot.ACCESS_CONTROL_KEY))
}

/** The gateway runs under the ACCESS_CONTROL_KEY of today: those before it open nothing any more. */
export const forgetOlderKeys = ({ dataDir, keysFile }: Pick<Config, 'dataDir' | 'keysFile'>): void =>
  dropOlderWraps(dataDir, readBootKeys(process.env, keysFile).ACCESS_CONTROL_KEY)
