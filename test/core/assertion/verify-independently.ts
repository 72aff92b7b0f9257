import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'

/** What a verifier learns of an assertion. */
interface Verified {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Verify a JWT by a published key set with OpenSSL alone, as somebody would who has never heard of our library (RFC 7515, 5.2).
 *
 * @throws Error where no key of the set has signed it
 */
export function verifyIndependently(token: string, keys: readonly Readonly<Record<string, string>>[]): Verified {
  const [head = '', body = '', signature = ''] = token.split('.')
  const header = decoded(head)
  const key = keys.find(({ kid }) => kid === header['kid'])
  if (key === undefined) throw new Error(`The key set has no key ${String(header['kid'])}.`)
  if (key['alg'] !== header['alg']) throw new Error('The algorithm is not that of the key.')
  const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
  const digest = header['alg'] === 'ES256' ? 'sha256' : null
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  if (!verify(digest, Buffer.from(`${head}.${body}`), options, Buffer.from(signature, 'base64url')))
    throw new Error('The signature is not of that key.')
  return { header, claims: decoded(body) }
}

const decoded = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString())
