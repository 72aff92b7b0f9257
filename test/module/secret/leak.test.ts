import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { Fault } from '../../../src/contract/fault.ts'
import type { House } from '../../../src/contract/house.ts'
import { defineModule } from '../../../src/contract/module.ts'
import { createLogger } from '../../../src/core/logger.ts'
import { logSink } from '../../../src/module/log/log-sink.ts'
import { askRpc } from '../../fixture/ask.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

/** With everything that is written otherwise in JSON, URLs, pages and Base64. */
const VALUE = 'p"l&a<n>t\'e\\d/v+a=l%u é!'
const SERVER = join(import.meta.dirname, '../../fixture/upstream/leaky-server.mjs')

/** A module of our own that is as careless as an upstream. */
const careless = defineModule<{ house: House; close(): Promise<void> }>({
  name: 'careless',
  open: async (house) => {
    house.meter.gauge('careless_gauge', 'For the test.', ['value'], () => [{ labels: { value: VALUE }, value: 1 }])
    return { house, close: async () => {} }
  },
  operations: (op) => ({
    do: op({
      summary: 'Do something careless.',
      route: 'POST /careless',
      permit: 'careless.do',
      effect: 'write',
      input: z.strictObject({ how: z.enum(['answer', 'fault', 'bug', 'log']), note: z.string().optional() }),
      output: z.object({ said: z.record(z.string(), z.unknown()) }),
      example: { input: { how: 'answer' }, outcome: 'ok' },
      run({ how }, { store, progress }) {
        progress({ progress: 1, message: VALUE })
        store.house.log.warn({ value: VALUE, deep: [{ json: JSON.stringify({ VALUE }) }], alias: VALUE }, `careless.${how}`)
        if (how === 'bug') throw new Error(`broken with ${VALUE}`)
        if (how === 'fault')
          throw new Fault('conflict', `It is ${VALUE}.`, { data: { VALUE }, details: [{ path: `/${VALUE}`, message: VALUE }] })
        return { said: { VALUE, [`key ${VALUE}`]: [Buffer.from(VALUE).toString('base64')] } }
      },
    }),
  }),
})

const html = (text: string): string =>
  text.replace(
    /[&<>"'`=]/g,
    (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;', '=': '&#x3D;' })[char]!,
  )

/** How the value would look where it leaked, written here independently of the scrubber. */
const LOOKS: readonly string[] = [
  VALUE,
  JSON.stringify(VALUE).slice(1, -1),
  JSON.stringify(JSON.stringify(VALUE)).slice(3, -3),
  html(VALUE),
  html(JSON.stringify(VALUE).slice(1, -1)),
  encodeURIComponent(VALUE),
  Buffer.from(VALUE).toString('base64').slice(0, 30),
  Buffer.from(`user:${VALUE}`).toString('base64').slice(8, 38),
]

/** Never kept, so that no scrubber knows it; still nothing shows it. */
const UNKNOWN = 'refused-value-8812'

const leaksIn = (text: string): readonly string[] => [...LOOKS, UNKNOWN].filter((look) => text.includes(look))

async function openLeaky(): Promise<{ house: TestHouse; logged: string[] }> {
  const logger = createLogger('debug')
  const logged: string[] = []
  logger.addSink((line) => logged.push(line))
  const house = await openTestHouse({ onDisk: true, extra: [careless], log: logger.log })
  logger.addSink(logSink(house.gatehouse.store('log')))
  return { house, logged }
}

const post = (house: TestHouse, path: string, body: object): Promise<Response> =>
  house.fetch(path, house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a value that is planted everywhere leaves nowhere: not by MCP, REST, page, metric, event, log, record or file', async () => {
  const { house, logged } = await openLeaky()
  const outputs = new Map<string, string>()
  const keep = async (name: string, reply: Response): Promise<void> => {
    const headers = JSON.stringify([...reply.headers])
    outputs.set(`${name} (${reply.status})`, `${headers}\n${await reply.text()}`)
  }

  await post(house, '/api/secrets', { name: 'planted', value: VALUE })
  const definition = { transport: 'stdio', command: process.execPath, args: [SERVER], env: { LEAK: 'secret:planted' } }
  await keep('upstream_add', await post(house, '/api/upstreams', { alias: 'leaky', ...definition }))
  await vi.waitFor(async () =>
    expect((await (await house.fetch('/api/upstreams/leaky', house.adminToken)).json()).state).toBe('connected'),
  )

  // Calls, each way in.
  for (const tool of ['tell', 'fail', 'tool_error']) {
    await keep(`REST ${tool}`, await post(house, `/api/tools/leaky/${tool}`, { key: VALUE }))
    const events = { 'content-type': 'application/json', accept: 'text/event-stream' }
    await keep(
      `events ${tool}`,
      await house.fetch(`/api/tools/leaky/${tool}`, house.adminToken, { method: 'POST', headers: events, body: '{}' }),
    )
    const params = { name: `leaky__${tool}`, arguments: { key: VALUE }, _meta: { progressToken: 'p' } }
    await keep(`MCP ${tool}`, await askRpc(house, house.adminToken, { method: 'tools/call', params }))
  }
  for (const how of ['answer', 'fault', 'bug', 'log']) {
    await keep(`REST ${how}`, await post(house, '/api/careless', { how, note: `note ${VALUE}` }))
    const params = { name: 'careless_do', arguments: { how, note: VALUE }, _meta: { progressToken: 'p' } }
    await keep(`MCP ${how}`, await askRpc(house, house.adminToken, { method: 'tools/call', params }))
  }
  await keep('MCP tools/list', await askRpc(house, house.adminToken, { method: 'tools/list' }))

  // Everything that shows something.
  const { cookie, csrf } = await house.session()
  const pages = [
    ...house.gatehouse.pages.map(({ page }) => page.path.replace(':alias', 'leaky').replace(':name', 'planted')),
    '/tools/leaky__tell',
    '/op/careless_do',
    '/op/secret_reveal',
  ].filter((path) => !path.includes(':'))
  for (const path of pages) await keep(`page ${path}`, await fetch(house.url + path, { headers: { cookie } }))
  for (const [name, fields] of [
    ['careless_do', { '/how': 'answer', '/note': VALUE }],
    ['careless_do', { '/how': 'fault' }],
    ['leaky__tell', { '/key': VALUE }],
    ['secret_reveal', { '/name': 'planted', '/reason': 'test' }],
    ['secret_create', { '/name': 'planted', '/value': VALUE }],
    ['secret_set', { '/name': 'no such name', '/value': VALUE }],
    ['secret_create', { '/name': 'No such name', '/value': UNKNOWN }],
    ['secret_create', { _mode: 'json', _json: `{"name": 1, "value": "${UNKNOWN}"}` }],
    ['secret_create', { _mode: 'json', _json: `{"value": "${UNKNOWN}"` }],
  ] as const) {
    const body = new URLSearchParams({ _csrf: csrf, ...fields })
    await keep(`form ${name}`, await fetch(`${house.url}/op/${name}`, { method: 'POST', headers: { cookie }, body }))
  }
  const reads = house.gatehouse.operations.filter(
    ({ operation }) => operation.route.startsWith('GET ') && !operation.route.includes(':'),
  )
  for (const { operation } of reads)
    await keep(operation.route, await house.fetch(`/api${operation.route.slice(4)}`, house.adminToken))
  for (const path of [
    '/api/upstreams/leaky',
    '/api/upstreams/leaky/logs',
    '/api/tools',
    '/api/tools/openapi.json',
    '/api/openapi.json',
    '/metrics',
  ]) {
    await keep(path, await house.fetch(path, house.adminToken))
  }
  const { calls } = (await (await house.fetch('/api/audit/calls?limit=200', house.adminToken)).json()) as {
    calls: { id: number }[]
  }
  expect(calls.length).toBeGreaterThan(10)
  for (const { id } of calls) await keep(`record ${id}`, await house.fetch(`/api/audit/calls/${id}`, house.adminToken))
  outputs.set('log', logged.join(''))
  await house.gatehouse.stop()
  for (const file of globSync('**/*', { cwd: house.gatehouse.dataDir, withFileTypes: true })) {
    if (file.isFile()) outputs.set(`file ${file.name}`, readFileSync(join(file.parentPath, file.name), 'utf8'))
  }

  const leaks = [...outputs].flatMap(([name, text]) => leaksIn(text).map((look) => `${name}: ${look}`))
  expect(leaks).toEqual([])
  // It was there to be found: the marks stand where it stood.
  const marked = [...outputs].filter(([, text]) => text.includes('[redacted]')).map(([name]) => name.replace(/ \(\d+\)$/, ''))
  expect(marked).toEqual(
    expect.arrayContaining([
      ...['REST tell', 'REST fail', 'REST tool_error', 'MCP tell', 'MCP fail', 'MCP tool_error', 'events tell', 'MCP tools/list'],
      ...[
        'REST answer',
        'REST fault',
        'MCP answer',
        'MCP fault',
        '/metrics',
        '/api/upstreams/leaky/logs',
        'log',
        'form secret_reveal',
      ],
      ...['page /tools/leaky__tell', 'form careless_do', 'form leaky__tell', '/api/upstreams/leaky', 'file log.sqlite'],
    ]),
  )
  expect([...outputs.keys()].filter((name) => name.startsWith('file ')).length).toBeGreaterThan(5)
}, 120_000)

test('revealing is recorded with its reason and without the value, and nothing of it stands in the log', async () => {
  const { house, logged } = await openLeaky()
  await post(house, '/api/secrets', { name: 'planted', value: VALUE })

  const revealed = await post(house, '/api/secrets/planted/reveal', { reason: 'moving away' })

  expect(await revealed.json()).toMatchObject({ value: VALUE })
  const found = await house.fetch('/api/audit/calls?tool=secret_reveal&outcome=ok', house.adminToken)
  const { calls } = (await found.json()) as { calls: { id: number }[] }
  const record = await (await house.fetch(`/api/audit/calls/${calls[0]!.id}`, house.adminToken)).text()
  expect(record).toContain('moving away')
  expect(record).toContain('[redacted]')
  expect(leaksIn(record)).toEqual([])
  expect(logged.join('')).toContain('secret.revealed')
  expect(leaksIn(logged.join(''))).toEqual([])
})
