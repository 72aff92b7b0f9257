import { hkdfSync } from 'node:crypto'
import type { Keys } from '../contract/house.ts'

/** The three secrets that every installation has. */
export type BootKeys = Readonly<Record<'SECRET_KEY_BASE' | 'COOKIE_SALT' | 'ACCESS_CONTROL_KEY', string>>

/**
 * Derive one key per purpose (HKDF-SHA256, RFC 5869), each once.
 *
 * @param root the ACCESS_CONTROL_KEY that the installation began with, where it was rotated since
 */
export function createKeys(bootKeys: BootKeys, root = bootKeys.ACCESS_CONTROL_KEY): Keys {
  const sources = { ...bootKeys, ACCESS_CONTROL_KEY: root, MASTER_KEY: bootKeys.ACCESS_CONTROL_KEY }
  const derived = new Map<string, Buffer>()
  return {
    derive(from, purpose) {
      const name = `${from}/${purpose}`
      const known = derived.get(name)
      if (known) return known
      const key = Buffer.from(hkdfSync('sha256', sources[from], 'gatehouse', purpose, 32))
      derived.set(name, key)
      return key
    },
  }
}
