import { Fault } from '../../contract/fault.ts'
import type { AssertionSettings } from './assertion.settings.ts'
import { isPublished, MAX_KEYS, readKeySet, type SigningAlgorithm, type SigningKey } from './key-set.ts'

/** When a key was made, and when it takes over. */
interface Rotated {
  /** For the secret; never shown. */
  readonly text: string
  readonly kid: string
  /** Ms since the epoch. */
  readonly signsFrom: number
}

/**
 * Make the next signing key and put it before those that there are. The first signs at once; a later one is announced first, and the earlier
 * ones stay published for a while after, so that no verifier meets a key that it cannot know.
 *
 * @param before what the secret holds; undefined where there is none yet
 * @throws Fault `unavailable` where it holds something else, `conflict` while there are so many that one that verifiers need would have to go
 */
export async function rotateKeys(
  before: string | undefined,
  algorithm: SigningAlgorithm,
  settings: AssertionSettings,
  nowMs: number,
): Promise<Rotated> {
  const earlier = before === undefined ? [] : readKeySet(before).filter((key) => isPublished(key, nowMs))
  if (earlier.length >= MAX_KEYS) throw tooMany(Math.min(...earlier.map((one) => one.publishedUntil ?? Number.POSITIVE_INFINITY)))
  const signsFrom = earlier.length === 0 ? nowMs : nowMs + settings.announceSeconds * 1_000
  const publishedUntil = signsFrom + (settings.overlapSeconds + settings.lifetimeSeconds) * 1_000
  const key = await makeKey(algorithm, signsFrom)
  const keys = [key, ...earlier.map((one) => ({ ...one, publishedUntil: one.publishedUntil ?? publishedUntil }))]
  return { text: JSON.stringify({ keys }), kid: key.kid, signsFrom }
}

const tooMany = (untilMs: number): Fault =>
  new Fault('conflict', `${MAX_KEYS} keys are published already. The first of them goes ${new Date(untilMs).toISOString()}.`)

async function makeKey(alg: SigningAlgorithm, signsFrom: number): Promise<SigningKey> {
  const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import('jose')
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = (await exportJWK(privateKey)) as SigningKey['jwk']
  return { kid: await calculateJwkThumbprint(jwk), alg, jwk, signsFrom, publishedUntil: null }
}
