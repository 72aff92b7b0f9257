import type { SecretUse } from '../../contract/secrets.ts'
import { parseText } from '../../core/reference.ts'

/** Who refers to which secret. Kept in memory: every user says it anew when it is opened. */
export interface Uses {
  /** @throws Fault `invalid` for a reference that cannot be read */
  declare(by: string, texts: Readonly<Record<string, string>>): void
  of(name: string): readonly SecretUse[]
}

/** Nobody refers to anything yet. */
export function createUses(): Uses {
  const byUser = new Map<string, readonly SecretUse[]>()
  return {
    declare(by, texts) {
      const uses = Object.entries(texts).flatMap(([field, text]) =>
        parseText(text).flatMap((part) =>
          typeof part !== 'string' && part.kind === 'secret' ? [{ by, field, name: part.name }] : [],
        ),
      )
      if (uses.length === 0) byUser.delete(by)
      else byUser.set(by, uses)
    },
    of: (name) => [...byUser.values()].flat().filter((use) => use.name === name),
  }
}
