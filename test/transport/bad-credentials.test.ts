import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { AccessStore } from '../../src/module/access/access.store.ts'
import { createToken } from '../../src/module/access/create-token.ts'
import { expectUnharmed, loggedRequests, problemOf } from '../fixture/problem.ts'
import { rehearsal } from '../fixture/rehearsal.ts'
import { ADMIN, openTestHouse, stoppedClock, type TestHouse } from '../support.ts'

const DAY_MS = 86_400_000

const clock = stoppedClock()
let house: TestHouse

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], nowMs: clock.nowMs, until: 'suite' })
})

afterEach(() => expectUnharmed(house))

describe('credentials', () => {
  const read = (authorization: string) => house.fetch('/api/rehearsal/lines', undefined, { headers: { authorization } })
  const scopeAll = { userName: ADMIN.name, scope: 'full', keys: [] } as const
  const access = () => house.gatehouse.store<AccessStore>('access')

  test('that are missing are asked for, by the scheme that is taken', async () => {
    const reply = await house.fetch('/api/rehearsal/lines', undefined)

    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"')
    expect(await problemOf(house, reply)).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining('Bearer <token>'),
    })
  })

  test.each([
    ['Basic, another scheme', 'Basic cm9vdDpyb290'],
    ['a scheme without a token', 'Bearer'],
    ['a token without a scheme', 'st_0123456789'],
    ['two tokens', 'Bearer one two'],
    ['a token that is garbled', 'Bearer st_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a JWT, which nobody here issued', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.'],
    ['a token as long as a header may be', `Bearer ${'a'.repeat(12_000)}`],
    ['a token with quotes and SQL', `Bearer ' OR 1=1 --`],
    ['an empty header', ''],
  ])('that are %s are refused', async (_title, authorization) => {
    const reply = await read(authorization)

    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse", error="invalid_token"')
    expect((await problemOf(house, reply)).code).toBe('unauthorized')
  })

  test('that differ from a good token in one letter are refused', async () => {
    const last = house.adminToken.at(-1) === 'a' ? 'b' : 'a'

    expect((await read(`Bearer ${house.adminToken.slice(0, -1)}${last}`)).status).toBe(401)
    expect((await read(`Bearer ${house.adminToken}${last}`)).status).toBe(401)
    expect((await read(`Bearer ${house.adminToken.slice(0, -1)}`)).status).toBe(401)
  })

  test('may write the scheme in any case', async () => {
    expect((await read(`bEARER ${house.adminToken}`)).status).toBe(200)
  })

  test('are not taken from the query, where they would end up in logs', async () => {
    const reply = await house.fetch(`/api/rehearsal/lines?access_token=${house.adminToken}&token=${house.adminToken}`, undefined)

    expect(reply.status).toBe(401)
    expect(await loggedRequests(house, house.adminToken.slice(0, 30))).toEqual([])
  })

  test('of another gateway are refused', async () => {
    const other = await openTestHouse()

    expect((await read(`Bearer ${other.adminToken}`)).status).toBe(401)
  })

  test('are good until their last millisecond and refused from then on', async () => {
    const { token } = await createToken(access(), { ...scopeAll, label: 'short', expiresAt: clock.nowMs() + 1_000 })

    clock.advance(999)
    const before = await read(`Bearer ${token}`)
    clock.advance(1)
    const after = await read(`Bearer ${token}`)

    expect([before.status, after.status]).toEqual([200, 401])
  })

  test('that were revoked are refused from the next call on', async () => {
    const { token, id } = await createToken(access(), { ...scopeAll, label: 'revoked', expiresAt: null })
    const before = await read(`Bearer ${token}`)

    const revoked = await house.fetch(`/api/tokens/${id}`, house.adminToken, { method: 'DELETE' })

    expect([before.status, revoked.status, (await read(`Bearer ${token}`)).status]).toEqual([200, 200, 401])
  })

  test('are refused in one sentence, whatever is wrong with them', async () => {
    const { token } = await createToken(access(), { ...scopeAll, label: 'late', expiresAt: clock.nowMs() + 1 })
    clock.advance(1)

    const details = await Promise.all(
      [token, 'st_nonsense', house.adminToken.slice(0, -3)].map(
        async (one) => (await problemOf(house, await read(`Bearer ${one}`))).detail,
      ),
    )

    expect(new Set(details).size).toBe(1)
  })

  test('never stand in the server log', async () => {
    await read(`Bearer ${house.adminToken}x`)

    expect(JSON.stringify(house.lines)).not.toContain(house.adminToken)
  })
})

describe('a session', () => {
  const withCookie = (cookie: string, init: RequestInit = {}) =>
    house.fetch('/api/rehearsal/lines', undefined, { ...init, headers: { ...init.headers, cookie } })

  test.each([
    'gatehouse_session=',
    'gatehouse_session=nonsense',
    `gatehouse_session=${'a'.repeat(4_000)}`,
    'gatehouse_session=%00%ff',
    '=;;=',
    'other=1',
  ])('with the cookie %s is none', async (cookie) => {
    expect((await problemOf(house, await withCookie(cookie))).code).toBe('unauthorized')
  })

  test('ends with the sign-out', async () => {
    const { cookie, csrf } = await house.session()
    const before = await withCookie(cookie)

    await house.fetch('/sign-out', undefined, { method: 'POST', headers: { cookie, 'x-csrf-token': csrf }, redirect: 'manual' })

    expect([before.status, (await withCookie(cookie)).status]).toEqual([200, 401])
  })

  test('ends when it was idle for too long', async () => {
    const { cookie } = await house.session()

    clock.advance(DAY_MS)

    expect((await withCookie(cookie)).status).toBe(401)
  })

  test('does not help a token that is no good', async () => {
    const { cookie } = await house.session()

    expect((await withCookie(cookie, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
  })

  test.each([['nothing'], [''], ['x'.repeat(10_000)], ['ü']])('changes nothing with %j for its CSRF token', async (csrf) => {
    const { cookie } = await house.session()
    const headers = { cookie, ...(csrf !== 'nothing' && { 'x-csrf-token': encodeURIComponent(csrf) }) }

    const reply = await house.fetch('/api/rehearsal/lines/1', undefined, { method: 'DELETE', headers })

    expect((await problemOf(house, reply)).code).toBe('forbidden')
  })

  test('changes nothing with the CSRF token of another session', async () => {
    const [mine, foreign] = [await house.session(), await house.session()]
    const headers = { cookie: mine.cookie, 'x-csrf-token': foreign.csrf }

    expect((await house.fetch('/api/rehearsal/lines/1', undefined, { method: 'DELETE', headers })).status).toBe(403)
  })
})

describe('a password', () => {
  async function signIn(name: string, password: string): Promise<Response> {
    const form = await house.fetch('/sign-in', undefined)
    const cookie = form.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0]!)
      .find((pair) => pair.startsWith('gatehouse_form='))!
    const body = new URLSearchParams({ name, password, _csrf: cookie.split('=')[1]! })
    return house.fetch('/sign-in', undefined, { method: 'POST', headers: { cookie }, body, redirect: 'manual' })
  }
  const sessionCookie = (reply: Response) => reply.headers.getSetCookie().find((line) => line.startsWith('gatehouse_session='))

  test('that is wrong is refused like a name that does not exist, and leads to no session', async () => {
    const [wrong, nobody] = [await signIn(ADMIN.name, 'wrong'), await signIn('nobody', 'wrong')]
    const shown = async (reply: Response) =>
      (await reply.text())
        .replaceAll(ADMIN.name, 'NAME')
        .replaceAll('nobody', 'NAME')
        .replace(/name="_csrf" value="[^"]*"/, '')

    expect([wrong.status, nobody.status]).toEqual([401, 401])
    expect([sessionCookie(wrong), sessionCookie(nobody)]).toEqual([undefined, undefined])
    expect(await shown(wrong)).toBe(await shown(nobody))
  })

  test('that is right opens a session that scripts cannot read', async () => {
    const reply = await signIn(ADMIN.name, ADMIN.password)

    expect(reply.status).toBe(303)
    expect(sessionCookie(reply)).toMatch(/; HttpOnly; SameSite=Lax$/)
  })

  test('is not looked at any more after five failures, and the answer says when to come back', async () => {
    clock.advance(DAY_MS)
    for (let tried = 0; tried < 5; tried += 1) await signIn(ADMIN.name, `wrong ${tried}`)

    const locked = await signIn(ADMIN.name, ADMIN.password)
    clock.advance(DAY_MS)
    const later = await signIn(ADMIN.name, ADMIN.password)

    expect([locked.status, locked.headers.get('retry-after') !== null || (await locked.text()).includes('15 minutes')]).toEqual([
      429,
      true,
    ])
    expect(later.status).toBe(303)
  })

  test.each([
    ['five megabytes', 'x'.repeat(5_000_000), 413],
    ['ten thousand characters', 'x'.repeat(10_000), 401],
    ['a zero byte', 'a\0b', 401],
    ['empty', '', 401],
  ])('of %s is refused', async (_title, password, status) => {
    expect((await signIn(ADMIN.name, password)).status).toBe(status)
  })

  test('is not taken from a form that this browser did not ask for', async () => {
    const body = new URLSearchParams({ ...ADMIN, _csrf: 'a'.repeat(32) })
    const reply = await house.fetch('/sign-in', undefined, { method: 'POST', body, redirect: 'manual' })

    expect([reply.status, sessionCookie(reply)]).toEqual([403, undefined])
  })

  test('never stands in the server log', () => {
    expect(JSON.stringify(house.lines)).not.toContain(ADMIN.password)
  })
})
