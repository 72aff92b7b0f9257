import { createHmac, randomBytes } from 'node:crypto'
import type { Keys } from '../../contract/house.ts'

/** The secrets of web sessions. Only hashes of them are stored. */
export interface SessionSecrets {
  /** A fresh cookie value: 32 random bytes. */
  newCookie(): string
  /** What is stored and looked up instead of the cookie. */
  hash(cookie: string): string
  /** The CSRF token of a session; follows from the cookie, so nobody who reads the store learns it. */
  csrf(cookie: string): string
}

/** Session secrets under COOKIE_SALT. */
export function createSessionSecrets(keys: Keys): SessionSecrets {
  const mac = (purpose: string, cookie: string): string =>
    createHmac('sha256', keys.derive('COOKIE_SALT', purpose)).update(cookie).digest('base64url')
  return {
    newCookie: () => randomBytes(32).toString('base64url'),
    hash: (cookie) => mac('session-id', cookie),
    csrf: (cookie) => mac('csrf', cookie),
  }
}
