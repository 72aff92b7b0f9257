import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { childrenOf, isAlive } from './processes.ts'
import { type Running, runGatehouse, startQuickstart } from './running.ts'
import { connectClient, namesOf } from './sdk-client.ts'

interface Printed {
  readonly url: string
  readonly mcp: string
  readonly rest: string
  readonly token: string
  readonly admin: { readonly name: string; readonly password: string }
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-quickstart-'))
const flags = ['--port', '0', '--data', join(folder, 'data')]
const printedBy = (quickstart: Running): Printed => JSON.parse(quickstart.stdout())
let running: Running
let printed: Printed
let adminToken: string

beforeAll(async () => {
  running = await startQuickstart(flags)
  printed = printedBy(running)
  adminToken = await tokenOf('admin')
}, 60_000)
afterAll(async () => {
  await running.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function tokenOf(user: string): Promise<string> {
  const made = await command('token', 'create', '--user', user)
  return made.stdout.trim()
}

const command = (...args: string[]) => runGatehouse([...args, '--data', join(folder, 'data')], { cwd: folder, env: {} })

// any: the shape differs by route.
async function rest(method: string, path: string, body?: object, token = adminToken): Promise<{ status: number; json: any }> {
  const response = await fetch(`${printed.rest}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, json: await response.json() }
}

describe('the quickstart', () => {
  test('prints exactly one line of JSON that says where everything is', () => {
    expect(running.stdout().trimEnd().split('\n')).toHaveLength(1)
    expect(printed).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      mcp: `${printed.url}/mcp`,
      rest: `${printed.url}/api`,
      token: expect.stringMatching(/^st_\w{43,}$/),
      admin: { name: 'admin', password: expect.any(String) },
    })
    expect(running.stderr()).not.toContain(printed.token)
    expect(running.stderr()).not.toContain(printed.admin.password)
  })

  test('lets an MCP client call a stdio server and an HTTP server through one address', async () => {
    const client = await connectClient(printed.mcp, printed.token)

    const names = await namesOf(client)
    const read = await client.callTool({
      name: 'files__read_text_file',
      arguments: { path: join(folder, 'data', 'demo', 'welcome.txt') },
    })
    const echoed = await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } })

    expect(names).toEqual([...names].sort())
    expect(names.filter((name) => !/^(files|everything)__/.test(name))).toEqual(['result_get'])
    expect(read.content).toMatchObject([{ type: 'text', text: expect.stringContaining('read through Gatehouse') }])
    expect(echoed.content).toEqual([{ type: 'text', text: 'Echo: hello' }])
  })

  test('answers the same over REST, refuses what the token may not, and has records of both', async () => {
    const called = await rest('POST', '/tools/everything/echo', { message: 'over REST' }, printed.token)
    const refused = await rest('GET', '/users', undefined, printed.token)

    expect(called).toMatchObject({ status: 200, json: { content: [{ text: 'Echo: over REST' }], isError: false } })
    expect(refused).toMatchObject({ status: 403, json: { code: 'forbidden' } })
    const { json } = await rest('GET', '/audit/calls?limit=20')
    const outcomes = new Map(json.calls.map((call: any) => [call.requestId, [call.tool, call.outcome]]))
    expect(outcomes.get(called.json.requestId)).toEqual(['everything__echo', 'ok'])
    expect(outcomes.get(refused.json.request_id)).toEqual(['access_user_list', 'forbidden'])
  })

  test('cuts a result that is too large, and lets the token read the rest', async () => {
    const path = join(folder, 'data', 'demo', 'large.txt')
    writeFileSync(path, `${'x'.repeat(1_500_000)}the end`)
    const client = await connectClient(printed.mcp, printed.token)

    const { _meta } = await client.callTool({ name: 'files__read_text_file', arguments: { path } })
    const offset = (_meta!['originalBytes'] as number) - 100
    const rest = await client.callTool({ name: 'result_get', arguments: { ref: _meta!['resultRef'], offset } })

    expect(_meta).toMatchObject({ truncated: true, originalBytes: expect.any(Number) })
    expect(rest['structuredContent']).toMatchObject({ text: expect.stringContaining('the end'), nextOffset: null })
  })

  test('tells a connected client when a grant gives and takes a tool, and acts on it with the next call', async () => {
    const { json } = await rest('POST', '/users', { name: 'bo' })
    const client = await connectClient(printed.mcp, await tokenOf('bo'))
    const changed = vi.fn()
    client.setNotificationHandler(ToolListChangedNotificationSchema, changed)
    const echo = { name: 'everything__echo', arguments: { message: 'mine' } }
    expect(await namesOf(client)).toEqual([])
    expect((await client.callTool(echo)).isError).toBe(true)

    const given = await rest('POST', `/users/${json.user.id}/grants`, { key: 'tool:everything__echo' })
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), { timeout: 5_000 })
    expect(await namesOf(client)).toEqual(['everything__echo'])
    expect((await client.callTool(echo)).content).toEqual([{ type: 'text', text: 'Echo: mine' }])

    await rest('DELETE', `/grants/${given.json.grant.id}`)
    expect((await client.callTool(echo)).isError).toBe(true)
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), { timeout: 5_000 })
    expect(await namesOf(client)).toEqual([])
  })

  test('takes the tools of an upstream away from connected clients while it is disabled', async () => {
    const client = await connectClient(printed.mcp, printed.token)
    const changed = vi.fn()
    client.setNotificationHandler(ToolListChangedNotificationSchema, changed)
    expect(await namesOf(client)).toContain('files__read_text_file')

    expect((await rest('POST', '/upstreams/files/disable')).json).toMatchObject({ state: 'disabled', enabledBy: 'override' })
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), { timeout: 5_000 })
    expect((await namesOf(client)).filter((name) => name.startsWith('files__'))).toEqual([])

    const [first, second] = await Promise.all([1, 2].map(() => rest('POST', '/upstreams/files/enable')))
    expect([first!.json.state, second!.json.state]).toEqual(['connected', 'connected'])
    expect((await rest('GET', '/upstreams')).json.children).toBe(1)
    await vi.waitFor(async () => expect(await namesOf(client)).toContain('files__read_text_file'), { timeout: 5_000 })
  })

  test('ends with code 0 on TERM, leaves no process, and prints the same credentials when it is started again', async () => {
    const children = childrenOf(running.pid)
    expect(children.length).toBeGreaterThanOrEqual(2)

    expect(await running.stop()).toBe(0)

    expect(children.filter(isAlive)).toEqual([])
    running = await startQuickstart(flags)
    const { token, admin } = printedBy(running)
    expect({ token, admin }).toEqual({ token: printed.token, admin: printed.admin })
  })
})
