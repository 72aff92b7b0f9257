import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

const BIN = join(import.meta.dirname, '../../../node_modules/.bin')

/** A gateway over the reference server, which has one of everything. */
async function openGateway(): Promise<TestHouse> {
  const servers = {
    every: { transport: 'stdio', command: join(BIN, 'mcp-server-everything'), args: ['stdio'], tools: {} },
  }
  const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers, killAfterMs: 500 }) } })
  await vi.waitFor(() => expect(house.gatehouse.catalog.listed('prompt')).toHaveLength(4), 15_000)
  return house
}

interface Asked {
  readonly method: string
  readonly params: any // any: tests look into every shape of request
}

/** An official client that takes everything, and what it was asked and told. */
async function connect({ url, adminToken }: TestHouse, path = '/mcp') {
  const capabilities = { sampling: {}, elicitation: {}, roots: { listChanged: true } }
  const client = new Client({ name: 'test', version: '1' }, { capabilities })
  const asked: Asked[] = []
  const told: Asked[] = []
  client.setRequestHandler(ElicitRequestSchema, (request) => {
    asked.push(request)
    return { action: 'accept', content: { name: 'Ada' } }
  })
  client.setRequestHandler(CreateMessageRequestSchema, (request) => {
    asked.push(request)
    return { model: 'test-model', role: 'assistant', content: { type: 'text', text: 'sampled' } }
  })
  client.setRequestHandler(ListRootsRequestSchema, (request) => {
    asked.push({ method: request.method, params: request.params })
    return { roots: [{ uri: 'file:///home/ada', name: 'home' }] }
  })
  client.setNotificationHandler(LoggingMessageNotificationSchema, (note) => void told.push(note))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, (note) => void told.push(note))
  const requestInit = { headers: { authorization: `Bearer ${adminToken}` } }
  // The SDK declares an optional field that its own interface does not take under exactOptionalPropertyTypes.
  const transport = new StreamableHTTPClientTransport(new URL(url + path), { requestInit })
  await client.connect(transport as unknown as Parameters<Client['connect']>[0])
  onTestFinished(() => client.close())
  return { client, asked, told }
}

/** Takes every result as it is. */
const ANY = z.looseObject({})

const textOf = (result: any): string => result.content.map(({ text }: { text: string }) => text).join('\n') // any: as above

describe('Through a gateway, the official client of the session era', () => {
  it('uses everything that the reference server has', async () => {
    const house = await openGateway()
    const { client, asked, told } = await connect(house)

    expect(client.getServerCapabilities()).toMatchObject({ prompts: {}, resources: { subscribe: true }, completions: {} })
    expect(client.getInstructions()).toContain('# every\n')

    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(
      ['args-prompt', 'completable-prompt', 'resource-prompt', 'simple-prompt'].map((name) => `every__${name}`),
    )
    const got = await client.getPrompt({ name: 'every__args-prompt', arguments: { city: 'Bern' } })
    expect(got.messages[0]).toMatchObject({ content: { text: "What's weather in Bern?" } })
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'every__completable-prompt' },
      argument: { name: 'name', value: 'A' },
      context: { arguments: { department: 'Engineering' } },
    })
    expect(completed.completion.values).toEqual(['Alice'])

    const { resources } = await client.listResources()
    expect(resources).toHaveLength(7)
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates).toHaveLength(2)
    const uri = 'demo://resource/dynamic/text/3'
    expect((await client.readResource({ uri: resources[0]!.uri })).contents).toHaveLength(1)
    expect((await client.readResource({ uri })).contents[0]).toMatchObject({ uri })
    // Its own code, which it sends without the URI that would say what it is about.
    await expect(client.readResource({ uri: 'demo://nothing' })).rejects.toMatchObject({ code: -32_602 })

    await client.subscribeResource({ uri })
    await client.callTool({ name: 'every__toggle-subscriber-updates', arguments: {} })
    await vi.waitFor(() => expect(told).toContainEqual(expect.objectContaining({ params: { uri } })), 8_000)
    await client.callTool({ name: 'every__toggle-subscriber-updates', arguments: {} })
    await client.unsubscribeResource({ uri })

    const sampled = await client.callTool({ name: 'every__trigger-sampling-request', arguments: { prompt: 'Hi' } })
    expect(textOf(sampled)).toContain('"text": "sampled"')
    const elicited = await client.callTool({ name: 'every__trigger-elicitation-request', arguments: {} })
    expect(textOf(elicited)).toContain('Ada')
    const roots = await client.callTool({ name: 'every__get-roots-list', arguments: {} })
    expect(textOf(roots)).toContain('file:///home/ada')
    expect(asked.find(({ method }) => method === 'elicitation/create')!.params.message).toMatch(/^\[every\] /)

    await client.setLoggingLevel('debug')
    await client.callTool({ name: 'every__toggle-simulated-logging', arguments: {} })
    await vi.waitFor(() => expect(told.map(({ method }) => method)).toContain('notifications/message'), 8_000)

    expect(house.lines.filter(({ level, event }) => level === 'error' || event.endsWith('bug'))).toEqual([])
  })

  it('has work done as a task that asks it meanwhile', async () => {
    const house = await openGateway()
    const { client, asked } = await connect(house, '/mcp/s/every')
    const params = { name: 'simulate-research-query', arguments: { topic: 'python', ambiguous: true } }

    const { task } = (await client.request({ method: 'tools/call', params: { ...params, task: { ttl: 60_000 } } }, ANY)) as any
    const listed = (await client.request({ method: 'tasks/list', params: {} }, ANY)) as any
    const result = await client.request({ method: 'tasks/result', params: { taskId: task.taskId } }, ANY)
    const ended = await client.request({ method: 'tasks/get', params: { taskId: task.taskId } }, ANY)

    expect(client.getServerCapabilities()).toMatchObject({ tasks: { requests: { tools: { call: {} } } } })
    expect(listed.tasks).toMatchObject([{ taskId: task.taskId }])
    expect(asked.map(({ method }) => method)).toContain('elicitation/create')
    expect(textOf(result)).toContain('Research Report: python')
    expect(ended).toMatchObject({ taskId: task.taskId, status: 'completed' })
  })
})
