import { describe, expect, onTestFinished, test } from 'vitest'
import { type Gatehouse, openGatehouse } from '../../../src/core/gatehouse.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { apiSettings } from '../../../src/module/api/api.settings.ts'
import { modules } from '../../../src/module/index.ts'
import type { SecretStore } from '../../../src/module/secret/secret.store.ts'
import { houseParts } from '../../house-parts.ts'
import { createTestLog } from '../../support.ts'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

const ZOO = 'https://zoo.example'
const bearer = { kind: 'bearer', valueFrom: 'secret:zoo' }

/** Open the stores of a house once more, as its next start does. */
async function startAgain(dataDir: string, section: object = {}): Promise<Gatehouse> {
  const log = createTestLog([])
  const keys = createKeys({ SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) })
  const parts = houseParts({ dataDir: ':memory:', nowMs: Date.now, log })
  const settings = { api: apiSettings.parse(section) }
  return openGatehouse({ modules, dataDir, settings, keys, nowMs: Date.now, log, version: '0', ...parts })
}

test('a server that no call could reach is told of before the API is registered', async () => {
  const { call } = await openApis({ working: false })

  const { problems } = await call('api_preview', { document: petsDocument('http://169.254.169.254') })

  expect(problems).toEqual([
    { pointer: '/servers', severity: 'warning', message: expect.stringContaining('No setting allows that') },
  ])
})

test('what was registered and set is there after a restart', async () => {
  const { call, house } = await openApis()
  await call('secret_create', { name: 'zoo', value: 'the key of the zoo' })
  await call('api_register', { alias: 'zoo', document: petsDocument(ZOO), credential: bearer, only: ['GET /pets', 'POST /pets'] })
  await call('api_set_operation', { alias: 'zoo', key: 'GET /pets', name: 'all' })

  const again = await startAgain(house.gatehouse.dataDir)
  onTestFinished(() => again.stop())

  expect(again.catalog.all().flatMap(({ name, source }) => (source === 'zoo' ? [name] : []))).toEqual(['zoo__addPet', 'zoo__all'])
  expect(again.store<SecretStore>('secret').uses.of('zoo')).toEqual([{ by: 'api zoo', field: 'credential token', name: 'zoo' }])
})

describe('a credential', () => {
  test('is known to be used, so that its secret cannot be removed under it', async () => {
    const { call, refused } = await openApis({ working: false })
    await call('secret_create', { name: 'zoo', value: 'the key of the zoo' })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO), credential: bearer })

    expect(await call('secret_get', { name: 'zoo' })).toMatchObject({ usedBy: [{ by: 'api zoo', field: 'credential token' }] })
    expect(await refused('secret_remove', { name: 'zoo' })).toMatchObject({ code: 'conflict' })

    await call('api_remove', { alias: 'zoo' })
    await call('secret_remove', { name: 'zoo' })
  })

  test('takes a new value with the next call', async () => {
    const server = await openServer((_, reply) => json(reply, {}))
    const { call } = await openApis()
    await call('secret_create', { name: 'zoo', value: 'the first value' })
    await call('api_register', { alias: 'zoo', document: petsDocument(server.url), credential: bearer })

    await call('zoo__listPets')
    await call('secret_set', { name: 'zoo', value: 'the second value' })
    await call('zoo__listPets')

    expect(server.heard.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer the first value',
      'Bearer the second value',
    ])
  })

  test.each([
    [{ kind: 'bearer', valueFrom: 'written out' }, '/credential/valueFrom'],
    [{ kind: 'bearer' }, '/credential/valueFrom'],
    [{ kind: 'apiKey', valueFrom: 'secret:zoo' }, '/credential/name'],
    [{ kind: 'none', audience: 'x' }, '/credential/audience'],
    [{ kind: 'oauth2', valueFrom: 'secret:zoo', clientId: 'a', tokenUrl: 'ftp://x' }, '/credential/tokenUrl'],
  ])('that is not complete, or is no reference, is refused: %j', async (credential, path) => {
    const { refused } = await openApis({ working: false })

    const fault = await refused('api_register', { alias: 'zoo', document: petsDocument(ZOO), credential })

    expect(fault).toMatchObject({ code: 'invalid', details: [{ path }] })
  })

  test.each([
    { kind: 'bearer', valueFrom: 'secret:assertion-keys' },
    { kind: 'basic', user: `x\${secret:assertion-keys}`, valueFrom: 'secret:zoo' },
  ])('never sends the keys that sign assertions: %j', async (credential) => {
    const { call, refused } = await openApis({ working: false })
    await call('api_rotate_signing_key')

    expect(await refused('api_register', { alias: 'zoo', document: petsDocument(ZOO), credential })).toMatchObject({
      code: 'invalid',
    })
  })

  test.each(['env:HOME', 'file:/etc/hostname', 'command:["id"]', `x\${env:HOME}`])(
    'reaches into the machine only for who may run programs there: %s',
    async (valueFrom) => {
      const { house } = await openApis({ working: false })
      const register = async (...keys: string[]) => {
        const body = JSON.stringify({ alias: 'zoo', document: petsDocument(ZOO), credential: { kind: 'bearer', valueFrom } })
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
        return (await house.fetch('/api/apis', await house.token(...keys), init)).status
      }

      expect(await register('api.write')).toBe(403)
      expect(await register('api.write', 'upstream.define')).toBe(200)
    },
  )
})

test('who may not use a credential of the machine may not lead it elsewhere', async () => {
  const { call, house } = await openApis({ working: false })
  const { settings, updatedAt } = await call('api_register', {
    alias: 'zoo',
    document: petsDocument(ZOO),
    credential: { kind: 'bearer', valueFrom: 'env:HOME' },
  })
  const update = async (more: object) => {
    const body = JSON.stringify({ ...settings, updatedAt, ...more })
    const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body }
    return (await house.fetch('/api/apis/zoo', await house.token('api.write'), init)).status
  }

  expect(await update({ serverUrl: 'https://evil.example' })).toBe(403)
  expect(await update({ otherHosts: ['evil.example'] })).toBe(403)
  expect(await update({ title: 'Our zoo' })).toBe(200)
})

describe('a registration', () => {
  test('is refused where its name is taken, or nothing could be called', async () => {
    const { call, refused } = await openApis({ working: false })
    const document = petsDocument(ZOO)
    await call('api_register', { alias: 'zoo', document })

    for (const alias of ['zoo', 'access', 'fn', 'x']) {
      expect(await refused('api_register', { alias, document })).toMatchObject({ code: 'conflict' })
    }
    expect(await refused('api_register', { alias: 'Zoo', document })).toMatchObject({ code: 'invalid' })
    expect(await refused('api_register', { alias: 'b', document, url: ZOO })).toMatchObject({ code: 'invalid' })
    expect(await refused('api_register', { alias: 'b', document: '<html>' })).toMatchObject({ code: 'invalid' })
    expect(await refused('api_register', { alias: 'b', document, only: ['GET /nothing'] })).toMatchObject({
      details: [{ path: '/only' }],
    })
    expect(await refused('api_register', { alias: 'b', document: petsDocument('/v1') })).toMatchObject({
      details: [{ path: '/serverUrl' }],
    })
  })

  test('is refused by the alias of an upstream, connected or not', async () => {
    const { call, refused } = await openApis({ working: false })
    await call('upstream_add', { alias: 'zoo', transport: 'http', url: 'https://zoo.example/mcp', enabled: false })

    expect(await refused('api_register', { alias: 'zoo', document: petsDocument(ZOO) })).toMatchObject({ code: 'conflict' })
  })

  test('takes only the operations that were chosen', async () => {
    const { call } = await openApis({ working: false })
    const { preview } = await call('api_preview', { document: petsDocument(ZOO) })

    const one = await call('api_register', { alias: 'zoo', preview, only: ['GET /pets'] })

    expect(one).toMatchObject({ toolCount: 1, offCount: 4 })
    expect(await call('api_switch_operations', { alias: 'zoo', on: true })).toMatchObject({ toolCount: 5, offCount: 0 })
  })

  test('does not let a document send its credential to another host', async () => {
    const { call } = await openApis({ working: false })
    const elsewhere = {
      '/away': {
        servers: [{ url: 'https://evil.example' }],
        get: { operationId: 'away', responses: { 200: { description: '' } } },
      },
    }

    const one = await call('api_register', { alias: 'zoo', document: petsDocument(ZOO, elsewhere) })

    expect(one).toMatchObject({ toolCount: 5, leftOutCount: 1 })
    expect(one.operations.at(-1)).toMatchObject({ offered: false, reason: expect.stringContaining('evil.example') })
    const { settings, updatedAt } = one
    expect(await call('api_update', { alias: 'zoo', updatedAt, ...settings, otherHosts: ['evil.example'] })).toMatchObject({
      toolCount: 6,
      leftOutCount: 0,
    })
    expect(await call('api_update', { alias: 'zoo', updatedAt, ...settings }).catch(({ code }) => code)).toBe('conflict')
  })

  test('keeps a preview for who made it', async () => {
    const { call, house } = await openApis({ working: false })
    const { preview } = await call('api_preview', { document: petsDocument(ZOO) })

    const reply = await house.fetch('/api/apis/preview', house.adminToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ preview }),
    })

    expect(reply.status).toBe(404)
  })

  test('of a name that another operation has is refused, and so is a right that nobody could be granted', async () => {
    const { call, refused } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO) })
    const set = (more: object) => refused('api_set_operation', { alias: 'zoo', key: 'GET /pets', ...more })

    expect(await set({ name: 'getPet' })).toMatchObject({ code: 'conflict' })
    expect(await set({ permit: 'zoo.read' })).toMatchObject({ code: 'invalid' })
    expect(await set({ name: 'x'.repeat(43) })).toMatchObject({ code: 'invalid' })
  })
})

describe('signed assertions', () => {
  test('need a key before the first API asks for them, and the key cannot be removed afterwards', async () => {
    const { call, refused } = await openApis({ working: false })
    const registration = { alias: 'zoo', document: petsDocument(ZOO), credential: { kind: 'assertion', audience: 'zoo' } }
    expect(await refused('api_register', registration)).toMatchObject({ code: 'conflict' })

    const { secret } = await call('api_rotate_signing_key')
    await call('api_register', registration)

    expect(await refused('secret_remove', { name: secret })).toMatchObject({ code: 'conflict' })
  })

  test('without a key keep the gateway from starting', async () => {
    const { call, house } = await openApis({ working: true })
    await call('api_rotate_signing_key')
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO), credential: { kind: 'assertion', audience: 'zoo' } })
    await expect(startAgain(house.gatehouse.dataDir, { assertion: { keys: 'lost' } })).rejects.toThrow(
      /zoo asks for signed assertions, and no key signs them/,
    )
  })
})
