import { expect, test } from 'vitest'
import { apiSettings } from '../../../src/module/api/api.settings.ts'
import { verifyIndependently } from '../../core/assertion/verify-independently.ts'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

const ISSUER = 'https://gate.example'

/** An API that lets in only who shows an assertion for it that the published keys verify, and looks these up each time. */
async function openVerifier(url: () => string) {
  const claims: Readonly<Record<string, unknown>>[] = []
  const api = await openServer(async ({ headers }, reply) => {
    const { keys } = (await (await fetch(`${url()}/.well-known/jwks.json`)).json()) as { keys: Record<string, string>[] }
    try {
      const token = String(headers.authorization).replace(/^Bearer /, '')
      claims.push(verifyIndependently(token, keys).claims)
      json(reply, { pets: [] })
    } catch (thrown) {
      json(reply, { why: String(thrown) }, 401)
    }
  })
  return { ...api, claims }
}

test('an API verifies for whom it is called, through the published keys', async () => {
  const { house, call } = await openApis({ settings: { api: apiSettings.parse({ assertion: { issuer: ISSUER } }) } })
  const api = await openVerifier(() => house.url)
  await call('api_rotate_signing_key')
  const credential = { kind: 'assertion', audience: 'pets' }
  await call('api_register', { alias: 'pets', document: petsDocument(api.url), credential })

  const answer = await house.fetch('/api/tools/pets/listPets', house.adminToken, { method: 'POST' })

  expect(await answer.json()).toMatchObject({ isError: false })
  expect(api.claims).toMatchObject([
    { iss: ISSUER, aud: 'pets', request_id: answer.headers.get('x-request-id'), name: expect.stringContaining('root') },
  ])
  expect(api.claims[0]).toHaveProperty('sub', expect.stringMatching(/^user:\d+/))
})

test('rotating the key fails no call', async () => {
  const settings = { api: apiSettings.parse({ assertion: { announceSeconds: 0 } }) }
  const { house, call } = await openApis({ settings })
  const api = await openVerifier(() => house.url)
  await call('api_rotate_signing_key')
  const credential = { kind: 'assertion', audience: 'pets' }
  await call('api_register', { alias: 'pets', document: petsDocument(api.url), credential })
  let isOver = false
  const outcomes: unknown[] = []
  const callOn = async (): Promise<void> => {
    while (!isOver) outcomes.push((await call('pets__listPets')).isError ?? false)
  }

  const calling = [callOn(), callOn(), callOn()]
  await call('api_rotate_signing_key', { algorithm: 'ES256' })
  await call('api_rotate_signing_key')
  isOver = true
  await Promise.all(calling)

  expect(outcomes.length).toBeGreaterThan(2)
  expect(outcomes.filter((isError) => isError !== false)).toEqual([])
  const { keys } = (await (await fetch(`${house.url}/.well-known/jwks.json`)).json()) as { keys: unknown[] }
  expect(keys).toHaveLength(3)
})

test('two who rotate at the same time each get a key that is kept', async () => {
  const { house, call } = await openApis({ working: false })
  await call('api_rotate_signing_key')

  const made = await Promise.all([call('api_rotate_signing_key'), call('api_rotate_signing_key', { algorithm: 'ES256' })])

  const reply = await house.fetch('/.well-known/jwks.json', undefined)
  const { keys } = (await reply.json()) as { keys: { kid: string }[] }
  expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining(made.map(({ kid }) => kid)))
})
