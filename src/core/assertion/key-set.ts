import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'

const jwk = z.looseObject({ kty: z.string(), d: z.string() })

/** One signing key with its private half, and when it signs and is published. */
const SigningKey = z.strictObject({
  kid: z.string(),
  alg: z.enum(['EdDSA', 'ES256']),
  /** RFC 7517, with `d`. */
  jwk,
  /** Both in ms since the epoch. Between the two another key may have taken over; the newest that may sign does. */
  signsFrom: z.int(),
  /** Null as long as it has no successor. */
  publishedUntil: z.int().nullable(),
})

/** Most keys that are published at a time. */
export const MAX_KEYS = 20

const KeySet = z.strictObject({ keys: z.array(SigningKey).min(1).max(MAX_KEYS) })

export type SigningKey = z.output<typeof SigningKey>

/** What signs. */
export type SigningAlgorithm = SigningKey['alg']

/** A key as everybody may see it (RFC 7517, section 4). */
export type PublicKey = Readonly<Record<string, string>>

/** Read what the secret holds. @throws Fault `unavailable`, without a word of what it holds */
export function readKeySet(text: string): readonly SigningKey[] {
  try {
    return KeySet.parse(JSON.parse(text)).keys
  } catch {
    throw new Fault(
      'unavailable',
      'The secret that should hold the signing keys holds something else. Rotate the signing key to make one.',
    )
  }
}

/** The key that signs now: the newest whose time has come; where none has, the first. */
export function signingKey(keys: readonly SigningKey[], nowMs: number): SigningKey {
  const due = keys.filter(({ signsFrom }) => signsFrom <= nowMs).sort((a, b) => b.signsFrom - a.signsFrom)
  return due[0] ?? [...keys].sort((a, b) => a.signsFrom - b.signsFrom)[0]!
}

/** What is published: every key that signs, will sign, or signed a while ago, without its private half. */
export const publicKeys = (keys: readonly SigningKey[], nowMs: number): readonly PublicKey[] =>
  keys
    .filter((key) => isPublished(key, nowMs))
    .map(({ kid, alg, jwk: { kty, crv, x, y } }) => publicPart({ kty, crv, x, y, kid, alg, use: 'sig' }))

/** Whether a key is still shown to verifiers. */
export const isPublished = ({ publishedUntil }: SigningKey, nowMs: number): boolean =>
  publishedUntil === null || publishedUntil > nowMs

const publicPart = (fields: Readonly<Record<string, unknown>>): PublicKey =>
  Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string'))
