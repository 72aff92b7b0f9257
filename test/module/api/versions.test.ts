import { describe, expect, test } from 'vitest'
import { isDue, refreshDue } from '../../../src/module/api/refresh-due.ts'
import { stoppedClock } from '../../support.ts'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

const ZOO = 'https://zoo.example'
const more = { '/keepers': { get: { operationId: 'listKeepers', responses: { 200: { description: 'ok' } } } } }
/** Without the way to take a pet away. */
const less = petsDocument(ZOO).replace(/"delete":\{[^}]*\}[^}]*\}\}/, '"x-gone":{}')

describe('another document', () => {
  test('that only adds counts at once, and the one before can be had again', async () => {
    const { call } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO) })

    expect(await call('api_replace_document', { alias: 'zoo', document: petsDocument(ZOO, more) })).toMatchObject({
      outcome: 'applied',
      version: 2,
      changes: { added: ['GET /keepers'], removed: [], breaking: [] },
    })
    expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, toolCount: 6, heldVersion: null })

    expect(await call('api_restore', { alias: 'zoo', version: 1 })).toMatchObject({
      outcome: 'applied',
      changes: { removed: ['GET /keepers'] },
    })
    expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 1, toolCount: 5 })
    const { versions } = await call('api_versions', { alias: 'zoo' })
    expect(versions.map(({ version, state }: any) => [version, state])).toEqual([
      [2, 'kept'],
      [1, 'current'],
    ])
  })

  test('that breaks something waits until it is confirmed, or is discarded', async () => {
    const { call, refused, house } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO) })

    expect(await call('api_replace_document', { alias: 'zoo', document: less })).toMatchObject({
      outcome: 'waiting',
      version: 2,
      changes: { removed: ['DELETE /pets/{id}'] },
    })
    expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 1, heldVersion: 2, state: 'waiting', toolCount: 5 })
    expect(await call('api_replace_document', { alias: 'zoo', document: less })).toMatchObject({ outcome: 'waiting', version: 2 })
    const { attention } = (await (await house.fetch('/api/overview', house.adminToken)).json()) as any
    expect(attention).toMatchObject([{ kind: 'api', subject: 'zoo' }])

    await call('api_discard', { alias: 'zoo', version: 2 })
    expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 1, heldVersion: null, state: 'ready' })
    expect(await refused('api_confirm', { alias: 'zoo', version: 2 })).toMatchObject({ code: 'conflict' })

    expect(await call('api_replace_document', { alias: 'zoo', document: less })).toMatchObject({ outcome: 'waiting', version: 2 })
    expect(await call('api_confirm', { alias: 'zoo', version: 2 })).toMatchObject({ outcome: 'applied' })
    expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, heldVersion: null, toolCount: 4 })
  })

  test('that breaks something counts at once for who confirms it', async () => {
    const { call } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO) })

    expect(await call('api_replace_document', { alias: 'zoo', document: less, confirm: true })).toMatchObject({
      outcome: 'applied',
    })
    expect(await call('api_replace_document', { alias: 'zoo', document: less })).toMatchObject({ outcome: 'same', version: 2 })
  })

  test('leaves what was set of single operations as it was', async () => {
    const { call } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument(ZOO) })
    await call('api_set_operation', { alias: 'zoo', key: 'GET /pets', name: 'all', toolEffect: 'write', permit: 'tool:zoo-all' })
    await call('api_switch_operations', { alias: 'zoo', tag: 'admin', on: false })

    await call('api_replace_document', { alias: 'zoo', document: petsDocument(ZOO, more) })

    const { operations } = await call('api_get', { alias: 'zoo' })
    const of = (key: string) => operations.find((one: any) => one.key === key)
    expect(of('GET /pets')).toMatchObject({
      tool: 'zoo__all',
      effect: 'write',
      permit: 'tool:zoo-all',
      offered: true,
      changed: true,
    })
    expect(of('DELETE /pets/{id}')).toMatchObject({ enabled: false, offered: false })
  })
})

test('a document is fetched again when it is due, under the same rule, and a failure is told', async () => {
  let text = ''
  const server = await openServer((_, reply) => (text === '' ? json(reply, {}, 500) : json(reply, JSON.parse(text))))
  text = petsDocument(server.url)
  const clock = stoppedClock()
  const { call, store, house } = await openApis({ nowMs: clock.nowMs })
  const signal = new AbortController().signal
  await call('api_register', { alias: 'zoo', url: `${server.url}/openapi.json`, refreshHours: 1 })

  expect(isDue(store.registry.get('zoo'), clock.nowMs())).toBe(false)
  clock.advance(3_600_000)
  text = petsDocument(server.url, more)
  await refreshDue(store, clock.nowMs(), signal)
  expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, state: 'ready', fetchedAt: clock.nowMs() })

  clock.advance(3_600_000)
  text = petsDocument(server.url)
  await refreshDue(store, clock.nowMs(), signal)
  expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, heldVersion: 3, state: 'waiting' })

  await call('api_discard', { alias: 'zoo', version: 3 })
  clock.advance(3_600_000)
  await refreshDue(store, clock.nowMs(), signal)
  expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, heldVersion: null, state: 'ready' })

  clock.advance(3_600_000)
  text = ''
  await refreshDue(store, clock.nowMs(), signal)
  const one = await call('api_get', { alias: 'zoo' })
  expect(one).toMatchObject({ version: 2, fetchFault: expect.stringContaining('500') })
  expect(house.lines.filter(({ event }) => event.startsWith('api.')).map(({ event }) => event)).toEqual([
    'api.document_changed',
    'api.document_changed',
    'api.refresh_failed',
  ])
})

test('a document that stays the same while what it refers to changes is another version', async () => {
  let type = 'string'
  const operation = {
    operationId: 'find',
    parameters: [{ name: 'q', in: 'query', schema: { $ref: 'parts.json#/q' } }],
    responses: { 200: { description: 'ok' } },
  }
  const root = {
    openapi: '3.1.0',
    info: { title: 'T', version: '1' },
    servers: [{ url: ZOO }],
    paths: { '/it': { get: operation } },
  }
  const { url } = await openServer((heard, reply) => json(reply, heard.url === '/parts.json' ? { q: { type } } : root))
  const { call } = await openApis()
  await call('api_register', { alias: 'zoo', url: `${url}/openapi.json` })

  const before = await call('api_refresh', { alias: 'zoo' })
  type = 'integer'
  const after = await call('api_refresh', { alias: 'zoo' })

  expect([before.outcome, after.outcome]).toEqual(['same', 'waiting'])
  expect(after.changes.breaking).toMatchObject([{ key: 'GET /it' }])
})
