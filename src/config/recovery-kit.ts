import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { combine, split } from 'shamir-secret-sharing'
import { Refusal } from './refusal.ts'
import { readShare, type Share, shareText } from './share-text.ts'

/** Most shares that the library makes. */
const MAX_SHARES = 255

const keyIdOf = (key: string): Buffer => Buffer.from(hkdfSync('sha256', key, 'gatehouse', 'recovery-key-id', 8))

/**
 * Split a key so that any `threshold` of the shares bring it back, and fewer tell nothing of it (Shamir, 1979).
 *
 * @throws Refusal for numbers that make no sense
 */
export async function splitKey(key: string, total: number, threshold: number): Promise<string[]> {
  if (threshold < 2 || total < threshold || total > MAX_SHARES)
    throw new Refusal(
      `${total} shares of which ${threshold} are needed cannot be made: at least 2 must be needed, at least as many made, and at most ${MAX_SHARES}.`,
    )
  const setId = randomBytes(4)
  const shares = await split(new Uint8Array(Buffer.from(key, 'utf8')), total, threshold)
  return shares.map((bytes) => shareText({ threshold, total, setId, keyId: keyIdOf(key), bytes: Buffer.from(bytes) }))
}

/** Bring a key back. @throws Refusal saying which share is wrong, or how many are missing */
export async function combineShares(texts: readonly string[]): Promise<string> {
  const shares = texts.map((text, index) => readShare(text, `share ${index + 1}`))
  const [first] = shares
  if (!first) throw new Refusal('No share was given. Write one on each line of standard input.')
  requireOneSet(shares, first)
  const different = [...new Map(shares.map((share) => [share.bytes.toString('hex'), share])).values()]
  if (different.length < first.threshold)
    throw new Refusal(
      `${different.length} different shares were given; ${first.threshold} of ${first.total} are needed. Find ${first.threshold - different.length} more.`,
    )
  const key = Buffer.from(await combine(different.map(({ bytes }) => new Uint8Array(bytes)))).toString('utf8')
  if (timingSafeEqual(keyIdOf(key), first.keyId)) return key
  throw new Refusal('These shares do not give the key that was split. One of them was changed: try others of the set.')
}

function requireOneSet(shares: readonly Share[], first: Share): void {
  const stranger = shares.findIndex(({ setId, keyId }) => !setId.equals(first.setId) || !keyId.equals(first.keyId))
  if (stranger < 0) return
  throw new Refusal(
    `Share ${stranger + 1} is of another set than share 1. Only shares that were made together fit; older kits are void once a new one was made.`,
  )
}
