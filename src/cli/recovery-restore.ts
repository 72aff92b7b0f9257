import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { newKey, writeBootKeys } from '../config/boot-keys.ts'
import { Refusal } from '../config/refusal.ts'
import { readRootKey } from '../config/root-key.ts'
import { createKeys } from '../core/keys.ts'
import { requireOpens } from '../module/secret/prove-secrets.ts'
import { configure } from './configure.ts'
import type { CommonFlags } from './program.ts'
import { readShares } from './read-shares.ts'

/**
 * `gatehouse recovery restore`: write the keys file anew, with the key that the shares give. The other two keys are made
 * anew where they are lost: web sessions end, nothing else depends on them.
 *
 * @throws Refusal for shares that do not fit, or fit other data; a keys file that is there is never replaced
 */
export async function restoreCommand(flags: CommonFlags): Promise<void> {
  const config = configure(flags)
  const key = await readShares()
  const boot = { SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: key }
  const keys = createKeys(boot, readRootKey(config.dataDir, key))
  await requireOpens(config.dataDir, keys)
  if (writeBootKeys(config.keysFile, { ACCESS_CONTROL_KEY: key })) {
    process.stdout.write(`Wrote ${config.keysFile} (mode 600) with the ACCESS_CONTROL_KEY of the kit. Start the gateway.\n`)
    return
  }
  if (keyIn(config.keysFile) !== key)
    throw new Refusal(
      `${config.keysFile} is there and holds another ACCESS_CONTROL_KEY. The shares fit the data, so it is the wrong file: move it away and restore again.`,
    )
  process.stdout.write(`${config.keysFile} holds this key already; nothing was changed.\n`)
}

const keyIn = (path: string): string | undefined =>
  existsSync(path) ? parseEnv(readFileSync(path, 'utf8'))['ACCESS_CONTROL_KEY'] : undefined
