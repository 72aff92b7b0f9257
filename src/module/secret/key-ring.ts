import type { DataKey } from './data-keys.ts'

/** The data keys of this process. One that is retired stays here until the process ends: somebody may just be reading under it. */
export interface KeyRing {
  /** What new values are encrypted under. */
  readonly newest: DataKey
  get(id: number): DataKey | undefined
  add(key: DataKey): void
}

/** @param keys at least one, the newest last */
export function createKeyRing(keys: readonly DataKey[]): KeyRing {
  const byId = new Map(keys.map((key) => [key.id, key]))
  let newest = keys.at(-1)!
  return {
    get newest() {
      return newest
    },
    get: (id) => byId.get(id),
    add(key) {
      byId.set(key.id, key)
      newest = key
    },
  }
}
