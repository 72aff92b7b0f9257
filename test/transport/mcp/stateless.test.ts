import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { serveHttp } from '../../fixture/conformance/serve-http.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

const FIXTURE = join(import.meta.dirname, '../../fixture/conformance-upstream.ts')

/** A gateway over servers that have sessions, reached in both ways. */
async function openGateway(): Promise<TestHouse> {
  const fixture = await serveHttp('session')
  onTestFinished(() => fixture.close())
  const servers = {
    http: { transport: 'http', url: fixture.url },
    stdio: { transport: 'stdio', command: process.execPath, args: [FIXTURE, '--era', 'session', '--stdio'] },
  }
  const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers, killAfterMs: 500 }) } })
  const ready = (): void => {
    expect(house.gatehouse.catalog.findTool('http__test_elicitation')).toBeDefined()
    expect(house.gatehouse.catalog.findTool('stdio__test_elicitation')).toBeDefined()
  }
  await vi.waitFor(ready, 15_000)
  return house
}

/** The official client, in the stateless era alone, and what it was asked. */
async function connect({ url, adminToken }: TestHouse, path: string) {
  const asked: string[] = []
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      versionNegotiation: { mode: { pin: '2026-07-28' } },
    },
  )
  client.setRequestHandler('elicitation/create', ({ method, params }) => {
    asked.push(`${method}: ${params.message}`)
    return { action: 'accept', content: { username: 'ada', email: 'ada@example.org', name: 'Ada', ok: true } }
  })
  client.setRequestHandler('sampling/createMessage', ({ method }) => {
    asked.push(method)
    return { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }
  })
  client.setRequestHandler('roots/list', ({ method }) => {
    asked.push(method)
    return { roots: [{ uri: 'file:///home/ada', name: 'home' }] }
  })
  const requestInit = { headers: { authorization: `Bearer ${adminToken}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(url + path), { requestInit }))
  onTestFinished(() => client.close())
  return { client, asked }
}

const textOf = (result: object): string => JSON.stringify('content' in result ? result.content : result)

describe('Through a gateway, the official client of the stateless era', () => {
  it('is asked by servers that have sessions, whichever way they are reached', async () => {
    const house = await openGateway()

    for (const alias of ['http', 'stdio']) {
      const { client, asked } = await connect(house, `/mcp/s/${alias}`)
      const call = async (name: string, args: Record<string, unknown> = {}) =>
        textOf(await client.callTool({ name, arguments: args }))

      expect(client.getServerCapabilities()).toMatchObject({ tools: {}, prompts: {}, resources: { subscribe: true } })
      expect(await call('test_elicitation', { message: 'Who?' })).toContain('ada@example.org')
      expect(await call('test_sampling', { prompt: 'Hi' })).toContain('sampled')
      expect(await call('test_input_required_result_list_roots')).toContain('file:///home/ada')
      expect(await call('test_input_required_result_multiple_inputs')).toContain('Ada')
      expect(await call('test_simple_text')).toContain('simple text')

      expect(asked.slice(0, 3)).toEqual([`elicitation/create: [${alias}] Who?`, 'sampling/createMessage', 'roots/list'])
      expect(asked.slice(3).map((one) => one.split(':')[0])).toEqual(
        expect.arrayContaining(['elicitation/create', 'sampling/createMessage', 'roots/list']),
      )
    }
    const { client } = await connect(house, '/mcp')
    const records = await client.callTool({ name: 'audit_call_list', arguments: { limit: 100 } })

    expect(textOf(records)).toContain('request:http__elicitation/create')
    expect(house.lines.filter(({ level, event }) => level === 'error' || event.endsWith('bug'))).toEqual([])
  }, 30_000)

  it('lists, reads, completes and hears of changes', async () => {
    const house = await openGateway()
    const { client } = await connect(house, '/mcp')
    const told: string[] = []
    client.setNotificationHandler('notifications/tools/list_changed', ({ method }) => void told.push(method))

    const { tools } = await client.listTools()
    const prompt = await client.getPrompt({ name: 'http__test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } })
    const read = await client.readResource({ uri: 'via.http.test://static-text' })
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'http__test_prompt_with_arguments' },
      argument: { name: 'arg1', value: 'p' },
    })
    const subscription = await client.listen({ toolsListChanged: true })
    await client.callTool({ name: 'http__test_trigger_tool_change', arguments: {} })
    await vi.waitFor(() => expect(told).not.toEqual([]), 5_000)
    await subscription.close()

    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['http__test_simple_text', 'stdio__test_simple_text']))
    expect(JSON.stringify(prompt.messages)).toContain("arg1='a'")
    expect(JSON.stringify(read.contents)).toContain('static text resource')
    expect(completed.completion.values).toBeInstanceOf(Array)
  }, 30_000)
})
