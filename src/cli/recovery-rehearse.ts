import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { readBootKeys, writeBootKeys } from '../config/boot-keys.ts'
import { combineShares, splitKey } from '../config/recovery-kit.ts'
import { Refusal } from '../config/refusal.ts'
import { readRootKey } from '../config/root-key.ts'
import type { Keys } from '../contract/house.ts'
import { createKeys } from '../core/keys.ts'
import { verifyAudit } from '../module/audit/verify-audit.ts'
import { proveSecrets } from '../module/secret/prove-secrets.ts'
import { configure } from './configure.ts'
import type { CommonFlags } from './program.ts'
import { readShares } from './read-shares.ts'

interface RehearseFlags extends CommonFlags {
  readonly sharesStdin?: boolean
}

const SHARES = 5
const THRESHOLD = 3

/**
 * `gatehouse recovery rehearse`: bring everything back from shares, on a copy of the data in a folder that knows no key; may run beside the gateway.
 *
 * @throws Refusal when anything did not come back
 */
export async function rehearseCommand(flags: RehearseFlags): Promise<void> {
  const { dataDir, keysFile } = configure(flags)
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rehearsal-'))
  try {
    const stores = await copyData(dataDir, folder)
    const key = flags.sharesStdin
      ? await readShares()
      : await fromFreshShares(readBootKeys(process.env, keysFile).ACCESS_CONTROL_KEY)
    const restored = restoreIn(folder, key)
    const { values, unreadable } = await proveSecrets(folder, restored)
    if (unreadable.length > 0) throw new Refusal(`These secrets did not come back: ${unreadable.slice(0, 20).join(', ')}.`)
    const records = await verifyAudit(folder, restored)
    if (!records.ok)
      throw new Refusal('The records on the copy do not verify under the restored key. Run gatehouse audit verify.')
    process.stdout.write(
      `The rehearsal went well: ${flags.sharesStdin ? 'your shares' : `any ${THRESHOLD} of ${SHARES} fresh shares, and no fewer,`} gave the key back, and on a copy of ${stores} stores it opened ${values} secret values and verified the records of ${records.stores.length} chains.\n`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** SQLite's own backup, which is whole whatever somebody writes meanwhile. */
async function copyData(from: string, to: string): Promise<number> {
  const names = readdirSync(from).filter((name) => name.endsWith('.sqlite'))
  for (const name of names) {
    const database = new BetterSqlite3(join(from, name), { readonly: true })
    try {
      await database.backup(join(to, name))
    } finally {
      database.close()
    }
  }
  for (const name of readdirSync(from)) if (name === 'root-key.json') copyFileSync(join(from, name), join(to, name))
  if (names.length === 0) throw new Refusal(`${from} holds no stores. Name the data folder of a gateway with --data.`)
  return names.length
}

/** Shares that nobody sees: enough of them must do, and one fewer must not. */
async function fromFreshShares(key: string): Promise<string> {
  const shares = await splitKey(key, SHARES, THRESHOLD)
  const tooFew = await combineShares(shares.slice(0, THRESHOLD - 1)).then(
    () => true,
    () => false,
  )
  if (tooFew) throw new Refusal(`${THRESHOLD - 1} shares were enough. Do not use this kit, and report it.`)
  return combineShares(shares.slice(-THRESHOLD))
}

function restoreIn(folder: string, key: string): Keys {
  const path = join(folder, 'keys.env')
  writeBootKeys(path, { ACCESS_CONTROL_KEY: key })
  const boot = readBootKeys({}, path)
  return createKeys(boot, readRootKey(folder, boot.ACCESS_CONTROL_KEY))
}
