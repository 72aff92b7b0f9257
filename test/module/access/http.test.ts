import { expect, test } from 'vitest'
import type { AccessStore } from '../../../src/module/access/access.store.ts'
import { addUser } from '../../../src/module/access/users.ts'
import { openTestHouse, stoppedClock } from '../../support.ts'

const ALG_NONE = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"root","role":"admin"}').toString('base64url')}.`

test('every request is judged anew: a token works until it is revoked, and not once more', async () => {
  const house = await openTestHouse()
  const post = (token: string, body: object) =>
    house.fetch('/api/tokens', token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const { token, info } = (await (await post(house.adminToken, { label: 'x', keys: ['self.*'] })).json()) as {
    token: string
    info: { id: number }
  }
  expect((await house.fetch('/api/me', token)).status).toBe(200)

  expect((await house.fetch(`/api/tokens/${info.id}`, house.adminToken, { method: 'DELETE' })).status).toBe(200)

  expect((await house.fetch('/api/me', token)).status).toBe(401)
  expect((await post(token, { label: 'y', keys: ['self.*'] })).status).toBe(401)
})

test('a token that expires between two requests is refused at the second', async () => {
  const clock = stoppedClock()
  const house = await openTestHouse({ nowMs: clock.nowMs })
  const made = await house.fetch('/api/tokens', house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'short', keys: ['self.read'], validHours: 1 }),
  })
  const { token } = (await made.json()) as { token: string }
  expect((await house.fetch('/api/me', token)).status).toBe(200)

  clock.advance(3_600_000)

  expect((await house.fetch('/api/me', token)).status).toBe(401)
})

test.each([ALG_NONE, 'sk-1234567890', 'st_garbled', `st_${'7'.repeat(49)}`])(
  'a credential of another scheme opens nothing: %s',
  async (token) => {
    const house = await openTestHouse()

    for (const path of ['/api/me', '/api/tools', '/api/users']) expect((await house.fetch(path, token)).status).toBe(401)
  },
)

test('with a right taken away, the same token is refused the same call', async () => {
  const house = await openTestHouse()
  const store = house.gatehouse.store<AccessStore>('access')
  const { id } = await addUser(store, { name: 'ada', keys: ['access.read'], by: 'test' })
  const made = await house.fetch('/api/tokens', house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'x', scope: 'full', userId: id }),
  })
  const { token } = (await made.json()) as { token: string }
  expect((await house.fetch('/api/users', token)).status).toBe(200)
  const listed = await house.fetch(`/api/users/${id}/grants`, token)
  const { grants } = (await listed.json()) as { grants: { id: number }[] }

  await house.fetch(`/api/grants/${grants[0]!.id}`, house.adminToken, { method: 'DELETE' })

  const refused = await house.fetch('/api/users', token)
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ code: 'forbidden' })
})

test('secrets that were shown once are in no log', async () => {
  const house = await openTestHouse()
  const made = await house.fetch('/api/tokens', house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'x', keys: ['self.read'] }),
  })
  const { token } = (await made.json()) as { token: string }
  const invited = await house.fetch('/api/invitations', house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: ['role:viewer'] }),
  })
  const { token: code } = (await invited.json()) as { token: string }
  await house.fetch('/api/me', `${token}x`)

  const listed = await house.fetch('/api/audit/calls?limit=50', house.adminToken)
  const { calls } = (await listed.json()) as { calls: { id: number }[] }
  const records = (
    await Promise.all(calls.map(async ({ id }) => (await house.fetch(`/api/audit/calls/${id}`, house.adminToken)).text()))
  ).join('\n')

  expect(records).toContain('access_token_create')
  expect(records).toContain('"role:viewer"')
  for (const secret of [token, code]) expect(records + JSON.stringify(house.lines)).not.toContain(secret)
})
