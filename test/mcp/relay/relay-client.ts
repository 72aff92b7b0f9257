import { expect } from 'vitest'
import type { TestHouse } from '../../support.ts'

type Fields = Readonly<Record<string, unknown>>

/** A raw client of one era. */
export interface RelayClient {
  /** The result, without what the era itself puts into every one. */
  request(method: string, params: Fields): Promise<Fields>
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const PREFIX = 'io.modelcontextprotocol/'

/** Connect to an address of a house. */
export async function openRelayClient(house: TestHouse, path: string, era: 'session' | 'stateless'): Promise<RelayClient> {
  const post = async (message: object, headers: Record<string, string>): Promise<Response> =>
    house.fetch(path, house.adminToken, {
      method: 'POST',
      headers: { ...HEADERS, ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    })
  if (era === 'stateless') return { request: (method, params) => askStateless(post, method, params) }
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'relay', version: '1' } }
  const opened = await post({ id: 0, method: 'initialize', params: hello }, {})
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' }
  await post({ method: 'notifications/initialized' }, headers)
  return { request: async (method, params) => resultIn(await post({ id: 1, method, params }, headers)) }
}

type Post = (message: object, headers: Record<string, string>) => Promise<Response>

async function askStateless(post: Post, method: string, params: Fields): Promise<Fields> {
  const name = params['name'] ?? params['uri']
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
  }
  const own = { [`${PREFIX}protocolVersion`]: '2026-07-28', [`${PREFIX}clientCapabilities`]: {} }
  const meta = { ...own, ...(params['_meta'] as Fields | undefined) }
  const { resultType, ttlMs, cacheScope, _meta, ...result } = await resultIn(
    await post({ id: 1, method, params: { ...params, _meta: meta } }, headers),
  )
  const { [`${PREFIX}serverInfo`]: serverInfo, ...rest } = _meta as Fields
  expect(resultType).toBe('complete')
  expect(serverInfo).toBeDefined()
  const isCached = /list$|read$/.test(method)
  expect([typeof ttlMs, typeof cacheScope]).toEqual(isCached ? ['number', 'string'] : ['undefined', 'undefined'])
  return Object.keys(rest).length === 0 ? result : { ...result, _meta: rest }
}

async function resultIn(response: Response): Promise<Fields> {
  const text = await response.text()
  const { result, error } = JSON.parse(text.startsWith('{') ? text : [...text.matchAll(/^data: (.+)$/gm)].at(-1)![1]!)
  expect(error).toBeUndefined()
  return result as Fields
}
