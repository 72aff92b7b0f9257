import { createHmac, webcrypto } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { seal, unseal } from '../../../src/core/envelope.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { dataKeyOf, masterKeyOf, openDataKeys, unwrapDataKey, wrapDataKey } from '../../../src/module/secret/data-keys.ts'

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const NONCE = Buffer.from('cafebabefacedbaddecaf888', 'hex')
const BINDING = ['gatehouse secret 1', 'github', 3, 17] as const
const PLAIN = Buffer.from('correct horse battery staple')

const keysOf = (accessControlKey: string) =>
  createKeys({ SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: accessControlKey })

/** HKDF-SHA256 for 32 bytes, written from RFC 5869 and nothing else. */
function hkdf(secret: string, salt: string, info: string): Buffer {
  const prk = createHmac('sha256', salt).update(secret).digest()
  return createHmac('sha256', prk)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
}

describe('the encryption of values', () => {
  test('gives the known answer for a known key, nonce and binding', () => {
    const { nonce, sealed } = seal(KEY, PLAIN, BINDING, NONCE)

    expect(nonce).toBe(NONCE)
    expect(sealed.toString('hex')).toBe(
      'e9ccd254cf193b3b2e642fae1e3deb5e7954a523a63919002faf6814a928f84a7ac4afa470ff2d8366636a85',
    )
    expect(unseal(KEY, { nonce, sealed }, BINDING)).toEqual(PLAIN)
  })

  test('is AES-256-GCM as another implementation has it, with the binding as additional data', async () => {
    const { nonce, sealed } = seal(KEY, PLAIN, BINDING)

    const key = await webcrypto.subtle.importKey('raw', KEY, 'AES-GCM', false, ['decrypt'])
    const additionalData = Buffer.from('["gatehouse secret 1","github",3,17]')
    const plain = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce, additionalData, tagLength: 128 }, key, sealed)

    expect(Buffer.from(plain)).toEqual(PLAIN)
  })

  test('takes a fresh nonce each time', () => {
    const nonces = Array.from({ length: 1_000 }, () => seal(KEY, PLAIN, BINDING).nonce.toString('hex'))

    expect(new Set(nonces).size).toBe(1_000)
  })

  test.each([
    ['another name', ['gatehouse secret 1', 'gitlab', 3, 17]],
    ['another version', ['gatehouse secret 1', 'github', 2, 17]],
    ['another data key', ['gatehouse secret 1', 'github', 3, 18]],
    ['another purpose', ['gatehouse data key 1', 'github', 3, 17]],
  ])('does not open for %s', (_, binding) => {
    expect(unseal(KEY, seal(KEY, PLAIN, BINDING), binding)).toBeUndefined()
  })

  test('does not open once any bit of nonce, ciphertext or tag is another', () => {
    const { nonce, sealed } = seal(KEY, PLAIN, BINDING)
    const flipped = (bytes: Buffer, bit: number): Buffer => {
      const copy = Buffer.from(bytes)
      copy[bit >> 3]! ^= 1 << (bit & 7)
      return copy
    }

    for (let bit = 0; bit < nonce.length * 8; bit++) {
      expect(unseal(KEY, { nonce: flipped(nonce, bit), sealed }, BINDING)).toBeUndefined()
    }
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(unseal(KEY, { nonce, sealed: flipped(sealed, bit) }, BINDING)).toBeUndefined()
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(unseal(KEY, { nonce, sealed: sealed.subarray(0, length) }, BINDING)).toBeUndefined()
    }
  })
})

describe('the master key', () => {
  test('is HKDF-SHA256 of ACCESS_CONTROL_KEY', () => {
    const text = 'k'.repeat(40)

    expect(masterKeyOf(keysOf(text)).key).toEqual(hkdf(text, 'gatehouse', 'secret-master'))
  })

  test('stays what it is where seals go on under the key that the installation began with', () => {
    const boot = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'n'.repeat(40) }
    const rotated = createKeys(boot, 'o'.repeat(40))

    expect(masterKeyOf(rotated)).toEqual(masterKeyOf(createKeys(boot)))
    expect(rotated.derive('ACCESS_CONTROL_KEY', 'x')).toEqual(keysOf('o'.repeat(40)).derive('ACCESS_CONTROL_KEY', 'x'))
  })

  test('opens the data keys that it wrapped, and no other does', () => {
    const mine = masterKeyOf(keysOf('a'.repeat(40)))
    const other = masterKeyOf(keysOf('b'.repeat(40)))
    const row = wrapDataKey(dataKeyOf(5, KEY), mine, 5, 1)

    expect(unwrapDataKey(row, mine)?.key).toEqual(KEY)
    expect(unwrapDataKey(row, { ...other, id: mine.id })).toBeUndefined()
    expect(unwrapDataKey({ ...row, data_key_id: 6 }, mine)).toBeUndefined()
    expect(() => openDataKeys([row], other)).toThrow(/another ACCESS_CONTROL_KEY.*recovery restore/)
    expect(() => openDataKeys([{ ...row, sealed: Buffer.alloc(48) }], mine)).toThrow(/was changed/)
  })
})
