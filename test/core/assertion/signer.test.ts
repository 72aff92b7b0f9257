import { describe, expect, it } from 'vitest'
import { openSigner } from './open-signer.ts'
import { verifyIndependently } from './verify-independently.ts'

const ASSERTION = { audience: 'https://api.example', actor: { id: 'user:7', name: 'ada' }, requestId: 'r-1' }
const MINUTE_MS = 60_000

describe('a signed assertion', () => {
  it.each(['EdDSA', 'ES256'] as const)('is verified by others through the published keys (%s)', async (algorithm) => {
    const { signer, clock, rotate } = await openSigner({ issuer: 'https://gate.example' })
    const kid = await rotate(algorithm)
    const seconds = Math.floor(clock.nowMs() / 1_000)

    const { header, claims } = verifyIndependently(await signer.sign(ASSERTION), (await signer.publicKeys()).keys)

    expect(header).toEqual({ alg: algorithm, kid, typ: 'JWT' })
    expect(claims).toEqual({
      iss: 'https://gate.example',
      sub: 'user:7',
      aud: 'https://api.example',
      iat: seconds,
      exp: seconds + 60,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      act: { sub: 'https://gate.example' },
      name: 'ada',
      request_id: 'r-1',
    })
  })

  it('is never the same twice', async () => {
    const { signer, rotate } = await openSigner()
    await rotate()

    expect(await signer.sign(ASSERTION)).not.toBe(await signer.sign(ASSERTION))
  })

  it('is not verified once anybody has touched it', async () => {
    const { signer, rotate } = await openSigner()
    await rotate()
    const [head, , signature] = (await signer.sign(ASSERTION)).split('.')
    const forged = Buffer.from(JSON.stringify({ sub: 'user:1' })).toString('base64url')
    const { keys } = await signer.publicKeys()

    expect(() => verifyIndependently([head, forged, signature].join('.'), keys)).toThrow('not of that key')
  })
})

describe('the published keys', () => {
  it.each(['EdDSA', 'ES256'] as const)('have no private half (%s)', async (algorithm) => {
    const { signer, rotate } = await openSigner()
    await rotate(algorithm)

    const {
      keys: [key = {}],
    } = await signer.publicKeys()

    expect(key).toMatchObject({ use: 'sig', alg: algorithm })
    expect(key).not.toHaveProperty('d')
  })

  it('are none where nothing is signed, and signing says how to get one', async () => {
    const { signer } = await openSigner()

    expect(await signer.publicKeys()).toEqual({ keys: [], cacheSeconds: 0 })
    await expect(signer.sign(ASSERTION)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(signer.requireKey()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('are missed in words that show nothing where the secret holds something else', async () => {
    const { signer, spoil } = await openSigner()
    await spoil('-----BEGIN SOMETHING ELSE-----')

    await expect(signer.sign(ASSERTION)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.not.stringContaining('SOMETHING'),
    })
  })
})

describe('the rotation of the keys', () => {
  it('fails no verifier, though each looks at the published keys only every ten minutes', async () => {
    const { signer, clock, rotate } = await openSigner({ announceSeconds: 600, overlapSeconds: 3_600 })
    const signedBy = new Set<unknown>()
    const sizes = new Set<number>()
    await rotate()
    let cached = (await signer.publicKeys()).keys

    for (let minute = 0; minute < 240; minute += 1) {
      if (minute % 10 === 0) cached = (await signer.publicKeys()).keys
      if (minute === 25) await rotate('ES256')
      const { header } = verifyIndependently(await signer.sign(ASSERTION), cached)
      signedBy.add(header['kid'])
      sizes.add(cached.length)
      clock.advance(MINUTE_MS)
    }

    expect(signedBy.size).toBe(2)
    expect([...sizes].sort()).toEqual([1, 2])
    expect((await signer.publicKeys()).keys).toHaveLength(1)
  })

  it('fails no verifier that keeps the published keys as long as it may, however short the announcement', async () => {
    const { signer, clock, rotate } = await openSigner({ announceSeconds: 60 })
    await rotate()
    const signedBy = new Set<unknown>()
    let { keys, cacheSeconds } = await signer.publicKeys()
    await rotate()

    for (let second = 0; second < 180; second += 10) {
      if (second > 0 && second % cacheSeconds === 0) ({ keys, cacheSeconds } = await signer.publicKeys())
      signedBy.add(verifyIndependently(await signer.sign(ASSERTION), keys).header['kid'])
      clock.advance(10_000)
    }

    expect(signedBy.size).toBe(2)
  })

  it('takes effect by itself, without a call in between that fails', async () => {
    const { signer, clock, settings, rotate } = await openSigner({ announceSeconds: 0 })
    const first = await rotate()
    const before = await signer.sign(ASSERTION)
    const second = await rotate()
    clock.advance(1)
    const after = await signer.sign(ASSERTION)
    const { keys } = await signer.publicKeys()

    expect(verifyIndependently(before, keys).header['kid']).toBe(first)
    expect(verifyIndependently(after, keys).header['kid']).toBe(second)
    clock.advance((settings.overlapSeconds + settings.lifetimeSeconds) * 1_000)
    expect((await signer.publicKeys()).keys.map(({ kid }) => kid)).toEqual([second])
  })

  it('begun twice in a row keeps signing with a key that verifiers know', async () => {
    const { signer, clock, rotate } = await openSigner({ announceSeconds: 600 })
    const first = await rotate()
    const { keys: known } = await signer.publicKeys()
    await rotate()
    clock.advance(MINUTE_MS)
    await rotate()

    expect(verifyIndependently(await signer.sign(ASSERTION), known).header['kid']).toBe(first)
    expect((await signer.publicKeys()).keys).toHaveLength(3)
  })

  it('begun ever again is refused before a key has to go that verifiers need', async () => {
    const { signer, rotate } = await openSigner({ announceSeconds: 600 })
    const first = await rotate()
    for (let count = 1; count < 20; count += 1) await rotate()

    await expect(rotate()).rejects.toMatchObject({ code: 'conflict' })
    expect((await signer.publicKeys()).keys.map(({ kid }) => kid)).toContain(first)
    expect(verifyIndependently(await signer.sign(ASSERTION), (await signer.publicKeys()).keys).header['kid']).toBe(first)
  })
})
