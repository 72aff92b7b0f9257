import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** What was encrypted: a nonce of 12 bytes, and ciphertext with a tag of 16 bytes behind it. */
export interface Sealed {
  readonly nonce: Buffer
  readonly sealed: Buffer
}

/** What a ciphertext is bound to: a purpose, and whatever says whose it is, in a fixed order. */
export type Binding = readonly (string | number)[]

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

const bytesOf = (binding: Binding): Buffer => Buffer.from(JSON.stringify(binding), 'utf8')

/** Encrypt (AES-256-GCM, NIST SP 800-38D) under a fresh random nonce. @param nonce for known-answer tests only */
export function seal(key: Buffer, plain: Buffer, binding: Binding, nonce: Buffer = randomBytes(NONCE_BYTES)): Sealed {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(bytesOf(binding))
  return { nonce, sealed: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) }
}

/** Decrypt; `undefined` where key, nonce, ciphertext, tag or binding is another one. */
export function unseal(key: Buffer, { nonce, sealed }: Sealed, binding: Binding): Buffer | undefined {
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bytesOf(binding))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
