import { expect, it, vi } from 'vitest'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { odd } from './open-upstreams.ts'

const SETTINGS = upstreamSettings.parse({ servers: { odd: odd() } })

async function post(
  house: TestHouse,
  session: string | undefined,
  message: object,
): Promise<{ session: string | undefined; body: any }> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(session && { 'mcp-session-id': session }),
  }
  const response = await house.fetch('/mcp', house.adminToken, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  })
  const text = await response.text()
  const data = text.startsWith('{') ? text : [...text.matchAll(/^data: (.+)$/gm)].at(-1)?.[1]
  return { session: response.headers.get('mcp-session-id') ?? session, body: data === undefined ? undefined : JSON.parse(data) }
}

async function openSession(house: TestHouse): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '0' } }
  const { session } = await post(house, undefined, { id: 1, method: 'initialize', params })
  await post(house, session, { method: 'notifications/initialized' })
  return session!
}

it('passes what an upstream answers on to an MCP client: results, failing tools, and protocol errors with code and data', async () => {
  const house = await openTestHouse({ settings: { upstream: SETTINGS } })
  await vi.waitFor(() => expect(house.gatehouse.catalog.findTool('odd__echo')).toBeDefined(), { timeout: 10_000 })
  const session = await openSession(house)
  const call = async (name: string, args: object = {}) =>
    (await post(house, session, { id: 2, method: 'tools/call', params: { name, arguments: args } })).body

  expect((await call('odd__unknown_block')).result).toEqual({ content: [{ type: 'hologram', data: 'abc' }] })
  expect((await call('odd__tool_error')).result).toEqual({ content: [{ type: 'text', text: 'no such file' }], isError: true })
  expect((await call('odd__fails')).error).toEqual({ code: -32042, message: 'Sign in first.', data: { elicitations: [] } })
  expect((await call('odd__die')).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('exit code 7') }],
  })
  expect((await call('odd__echo', { text: 'still here' })).result).toEqual({ content: [{ type: 'text', text: 'still here' }] })
})

it('ends what a client session had at an upstream together with that session', async () => {
  const house = await openTestHouse({ settings: { upstream: SETTINGS } })
  await vi.waitFor(() => expect(house.gatehouse.catalog.findTool('odd__echo')).toBeDefined(), { timeout: 10_000 })
  const children = async (): Promise<number> => (await (await house.fetch('/api/upstreams', house.adminToken)).json()).children
  const session = await openSession(house)
  await post(house, session, { id: 2, method: 'tools/call', params: { name: 'odd__count', arguments: {} } })
  expect(await children()).toBe(2)

  await house.fetch('/mcp', house.adminToken, { method: 'DELETE', headers: { 'mcp-session-id': session } })

  await vi.waitFor(async () => expect(await children()).toBe(1), { timeout: 5_000 })
})
