import { randomUUID } from 'node:crypto'
import type { House } from '../../contract/house.ts'
import type { CredentialConfig } from '../../core/credential/credential-config.ts'
import { credentialTexts } from '../../core/credential/credential-config.ts'
import { parseText } from '../../core/reference.ts'

/** Names the value of one credential as it is now; null where it is another for each request. */
export type CredentialKey = () => string | null

/** What a worker keeps credentials by, so that it asks for one once and not with every request. */
export interface CredentialKeys {
  /** A new name, whatever there was before: the credential may be another. */
  forCredential(config: CredentialConfig): CredentialKey
  close(): void
}

/** Another process may change a secret as well (`gatehouse recovery`), and nobody here hears of it: a value is asked for again after this, in ms. */
const LIFE_MS = 5_000

/** A name changes with every change of a secret, so what a worker keeps by an earlier one is never used again. */
export function createCredentialKeys({ events, nowMs }: Pick<House, 'events' | 'nowMs'>): CredentialKeys {
  let changes = 0
  const close = events.subscribe('secret', () => {
    changes += 1
  })
  return {
    close,
    forCredential(config) {
      if (!isKept(config)) return () => null
      const name = randomUUID()
      return () => `${name} ${changes} ${Math.floor(nowMs() / LIFE_MS)}`
    },
  }
}

/** Assertions are signed for each request; files, programs and variables are looked at each time. */
const isKept = (config: CredentialConfig): boolean =>
  config.kind !== 'assertion' &&
  Object.values(credentialTexts(config)).every((text) =>
    parseText(text).every((part) => typeof part === 'string' || part.kind === 'secret'),
  )
