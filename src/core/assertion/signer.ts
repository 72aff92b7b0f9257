import { randomUUID } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { PublicKeySet } from '../../contract/public-keys.ts'
import type { AssertionSettings } from './assertion.settings.ts'
import { publicKeys, readKeySet, type SigningKey, signingKey } from './key-set.ts'

/** What one assertion says. */
interface Assertion {
  readonly audience: string
  /** Whom it speaks for. */
  readonly actor: { readonly id: string; readonly name: string }
  readonly requestId: string
}

/** Says to others for whom the gateway asks, so that they need not take its word. */
export interface Signer {
  /** A JWT (RFC 7519) that holds for a minute. @throws Fault `unavailable` where there is no key */
  sign(assertion: Assertion): Promise<string>
  /** The keys that verify what was signed, is signed and will be signed; none where there is no key. */
  publicKeys(): Promise<PublicKeySet>
  /** For a start that must not succeed without a key. @throws Fault `unavailable` */
  requireKey(): Promise<void>
  close(): void
}

type Ground = Pick<House, 'secrets' | 'events' | 'nowMs'>

/** Keys are looked up again after this long, or when a secret was changed, in ms. */
const KEPT_MS = 60_000
/** Verifiers may keep published keys this long, or until a key that is announced for a shorter time could sign. */
const CACHE_SECONDS = 300

/** The secret `[…] keys` names holds the keys; see `rotateKeys`. */
export function createSigner({ secrets, events, nowMs }: Ground, settings: AssertionSettings): Signer {
  let kept: { readonly at: number; readonly keys: Promise<readonly SigningKey[]> } | undefined
  const imported = new WeakMap<SigningKey, Promise<CryptoKey | Uint8Array>>()
  const forget = events.subscribe('secret', ({ name }) => {
    if (name === undefined || name === settings.keys) kept = undefined
  })
  const keys = (): Promise<readonly SigningKey[]> => {
    if (kept === undefined || nowMs() - kept.at > KEPT_MS) {
      const found = lookUp()
      kept = { at: nowMs(), keys: found }
      // A failure is not kept: the next call looks again.
      found.catch(() => {
        if (kept?.keys === found) kept = undefined
      })
    }
    return kept.keys
  }
  const lookUp = async (): Promise<readonly SigningKey[]> => {
    const user = { by: 'signed assertions', field: 'signing keys' }
    return readKeySet((await secrets.resolve(`secret:${settings.keys}`, user)).value)
  }
  const privateHalf = (key: SigningKey): Promise<CryptoKey | Uint8Array> => {
    const known = imported.get(key) ?? importKey(key)
    imported.set(key, known)
    return known
  }
  return {
    async sign({ audience, actor, requestId }) {
      const { SignJWT } = await import('jose')
      const key = signingKey(await keys(), nowMs())
      const iat = Math.floor(nowMs() / 1_000)
      return new SignJWT({ act: { sub: settings.issuer }, name: actor.name, request_id: requestId })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
        .setIssuer(settings.issuer)
        .setSubject(actor.id)
        .setAudience(audience)
        .setIssuedAt(iat)
        .setExpirationTime(iat + settings.lifetimeSeconds)
        .setJti(randomUUID())
        .sign(await privateHalf(key))
    },
    async publicKeys() {
      const published = publicKeys(await keys().catch(noKeys), nowMs())
      // The first key signs at once, so that nobody may keep an empty set.
      return { keys: published, cacheSeconds: published.length === 0 ? 0 : Math.min(CACHE_SECONDS, settings.announceSeconds) }
    },
    async requireKey() {
      await keys()
    },
    close: forget,
  }
}

async function importKey({ jwk, alg }: SigningKey): Promise<CryptoKey | Uint8Array> {
  const { importJWK } = await import('jose')
  return importJWK(jwk as Parameters<typeof importJWK>[0], alg)
}

/** Whoever asks for the key set of a gateway that signs nothing is told just that. */
function noKeys(thrown: unknown): readonly SigningKey[] {
  if (thrown instanceof Fault && thrown.code === 'unavailable') return []
  throw thrown
}
