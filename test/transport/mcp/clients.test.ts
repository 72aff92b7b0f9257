import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as v2 from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { text } from '../../mcp/server/demo-module.ts'
import { type House, openHouse } from './house.ts'

const INFO = { name: 'test', version: '1' }
const requestInit = { headers: { authorization: 'Bearer alice-token' } }

async function connectV1(url: string): Promise<Client> {
  const client = new Client(INFO)
  // The SDK declares an optional field that its own interface does not take under exactOptionalPropertyTypes.
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit }) as unknown as Parameters<Client['connect']>[0],
  )
  onTestFinished(() => client.close())
  return client
}

const connectV2 =
  (mode: 'auto' | 'legacy') =>
  async (url: string): Promise<v2.Client> => {
    const client = new v2.Client(INFO, { versionNegotiation: { mode } })
    await client.connect(new v2.StreamableHTTPClientTransport(new URL(url), { requestInit }))
    onTestFinished(() => client.close())
    return client
  }

describe.each([
  ['v1', connectV1],
  ['v2 in a session', connectV2('legacy')],
  ['v2, which finds out that it needs none', connectV2('auto')],
])('The official SDK client %s', (_version, connect) => {
  it('lists and calls', async () => {
    const { url } = await openHouse()
    const client = await connect(`${url}/mcp`)

    const { tools } = await client.listTools()
    const result = await client.callTool({ name: 'thing_echo', arguments: { text: 'hello' } })

    expect(tools.map(({ name }) => name)).toContain('demo__relay')
    expect(result['structuredContent']).toEqual({ text: 'hello' })
  })

  it('lists and calls one source by its own names', async () => {
    const { url } = await openHouse()
    const client = await connect(`${url}/mcp/s/demo`)

    const { tools } = await client.listTools()
    const result = await client.callTool({ name: 'chat' })

    expect(tools.map(({ name }) => name)).toEqual(['chat', 'relay', 'wait'])
    expect(result.content).toEqual([{ type: 'text', text: 'said it all' }])
  })

  it('is told of progress', async () => {
    const { url } = await openHouse()
    const client = await connect(`${url}/mcp`)
    const seen: unknown[] = []

    await client.callTool({ name: 'demo__chat' }, ...onProgress(client, (progress) => seen.push(progress)))

    expect(seen).toEqual([expect.objectContaining({ progress: 1, total: 2, message: 'half' })])
  })

  it('is shown a fault as a result', async () => {
    const { url, demo } = await openHouse()
    const client = await connect(`${url}/mcp`)
    demo.setRights('alice', () => false)

    const result = await client.callTool({ name: 'thing_echo', arguments: { text: 'hello' } })

    expect(result.isError).toBe(true)
    expect(result.content).toEqual([{ type: 'text', text: expect.stringMatching(/^forbidden: /) }])
  })
})

/** The last arguments of `callTool`, which the two versions order differently. */
function onProgress(client: Client | v2.Client, onprogress: (progress: unknown) => void): [] {
  return (client instanceof Client ? [undefined, { onprogress }] : [{ onprogress }]) as unknown as []
}

describe('An official SDK client', () => {
  it.each([
    ['v1', connectV1],
    ['v2', connectV2('legacy')],
  ])('pings in its session (%s)', async (_version, connect) => {
    const { url } = await openHouse()

    await expect((await connect(`${url}/mcp`)).ping()).resolves.toBeDefined()
  })

  it('takes back a call without a session, all the way to the tool', async () => {
    const { url, demo } = await openHouse()
    const client = await connectV2('auto')(`${url}/mcp`)
    const stop = new AbortController()
    const call = client.callTool({ name: 'demo__wait' }, { signal: stop.signal })
    call.catch(() => {})
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    stop.abort('enough')

    await expect(call).rejects.toThrow('enough')
    await vi.waitFor(() => expect(demo.waiting[0]!.visit.signal.aborted).toBe(true))
  })

  it('hears of a changed list', async () => {
    const { url, demo } = await openHouse()
    const client = await connectV1(`${url}/mcp`)
    const heard = new Promise<void>((resolve) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve()),
    )
    await client.listTools()

    demo.setTools(['one'])

    await heard
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('demo__one')
  })

  it('cancels a call all the way to the tool', async () => {
    const { url, demo } = await openHouse()
    const client = await connectV1(`${url}/mcp`)
    const stop = new AbortController()
    const call = client.callTool({ name: 'demo__wait' }, undefined, { signal: stop.signal })
    call.catch(() => {})
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    stop.abort('enough')

    await expect(call).rejects.toThrow('enough')
    await vi.waitFor(() => expect(demo.waiting[0]!.visit.signal.aborted).toBe(true))
  })

  it('gets the answer of a call that was running when the gateway stopped', async () => {
    const house = await openHouse()
    const client = await connectV1(`${house.url}/mcp`)
    const call = client.callTool({ name: 'demo__wait' })
    await vi.waitFor(() => expect(house.demo.waiting).toHaveLength(1))

    const closed = house.close()
    house.demo.waiting[0]!.finish(text('just in time'))

    expect((await call).content).toEqual([{ type: 'text', text: 'just in time' }])
    await client.close()
    await closed
  })
})

describe('The Inspector', () => {
  it('lists and calls from its command line', async () => {
    const house = await openHouse()

    const listed = await inspect(house, '--method', 'tools/list')
    const called = await inspect(house, '--method', 'tools/call', '--tool-name', 'thing_echo', '--tool-arg', 'text=hello')

    expect(listed.tools.map(({ name }: { name: string }) => name)).toContain('thing_echo')
    expect(called.structuredContent).toEqual({ text: 'hello' })
  })
})

// any: the shape differs by method.
async function inspect({ url }: House, ...args: readonly string[]): Promise<any> {
  const cli = new URL('../../../node_modules/.bin/mcp-inspector', import.meta.url).pathname
  const header = ['--header', 'Authorization: Bearer alice-token']
  const all = ['--cli', '--server-url', `${url}/mcp`, '--transport', 'http', ...header, '--format', 'json', '-q', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...all])
  return JSON.parse(stdout).result
}
