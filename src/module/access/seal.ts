import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keys } from '../../contract/house.ts'

/** What is sealed; each kind has a key of its own. */
export type SealKind = 'user' | 'grant' | 'role' | 'token' | 'session' | 'invitation'

/** What a seal covers, in a fixed order. */
export type SealedFields = readonly (string | number | null)[]

/**
 * Seals rows, so that one that was written or changed behind the gateway's back is known by it and counts for nothing.
 *
 * HMAC-SHA256 (RFC 2104) under a key derived from ACCESS_CONTROL_KEY, over the fields as a JSON array, which no other
 * fields encode to.
 */
export interface Seals {
  seal(kind: SealKind, fields: SealedFields): string
  /** Compares in constant time. */
  holds(kind: SealKind, fields: SealedFields, mac: string): boolean
  /** A keyed hash of a secret, for looking it up without storing it. */
  digest(purpose: 'token' | 'invitation' | 'login-account', secret: string): string
}

/** Seals under the keys of this installation. */
export function createSeals(keys: Keys): Seals {
  const mac = (purpose: string, text: string): Buffer =>
    createHmac('sha256', keys.derive('ACCESS_CONTROL_KEY', purpose)).update(text).digest()
  const seal = (kind: SealKind, fields: SealedFields): Buffer => mac(`${kind}-mac`, JSON.stringify(fields))
  return {
    seal: (kind, fields) => seal(kind, fields).toString('base64url'),
    holds(kind, fields, shown) {
      const expected = seal(kind, fields)
      const given = Buffer.from(shown, 'base64url')
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
    digest: (purpose, secret) => mac(`${purpose}-hash`, secret).toString('base64url'),
  }
}
