import { expect, test } from 'vitest'
import { openTestHouse } from '../support.ts'

test('the keys that verify what the gateway signs are there for everybody, without their private halves', async () => {
  const house = await openTestHouse()
  const before = await house.fetch('/.well-known/jwks.json', undefined)
  await house.fetch('/api/apis-signing-key', house.adminToken, { method: 'POST' })
  const after = await house.fetch('/.well-known/jwks.json', undefined)

  expect(await before.json()).toEqual({ keys: [] })
  expect(before.headers.get('cache-control')).toBe('public, max-age=0')
  expect(after.headers.get('content-type')).toContain('application/jwk-set+json')
  expect(after.headers.get('cache-control')).toBe('public, max-age=300')
  const { keys } = (await after.json()) as { keys: object[] }
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']])
})
