import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import { nextTurn } from '../../../src/core/next-turn.ts'
import { startHttpUpstream } from '../../fixture/upstream/http-upstream.ts'
import { isAlive } from '../../mcp/client/open-odd.ts'
import { systemCaller } from '../../system-caller.ts'
import { eventually, odd, openUpstreams, programOf, type Upstreams } from './open-upstreams.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-upstream-'))
afterAll(() => rmSync(folder, { recursive: true }))
const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => expect.fail('It should have been refused.'),
    (thrown) => thrown as Fault,
  )
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function startEverything(port: number): Promise<{ stop(): Promise<void> }> {
  const program = programOf('@modelcontextprotocol/server-everything')
  const child = spawn(process.execPath, [program, 'streamableHttp'], { env: { PORT: String(port) }, stdio: 'ignore' })
  await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/mcp`), { timeout: 15_000 })
  return {
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const names = (house: Upstreams): string[] =>
  house.gatehouse.catalog
    .all()
    .filter(({ kind }) => kind === 'dynamic')
    .map(({ name }) => name)

describe('real servers', () => {
  it('the filesystem server over stdio reads a file', async () => {
    writeFileSync(join(folder, 'note.txt'), 'read through the gateway')
    const house = await openUpstreams({
      files: { command: 'node', args: [programOf('@modelcontextprotocol/server-filesystem'), folder], shared: true },
    })
    await house.until('files', 'connected')

    const result = await house.call('files__read_text_file', { path: join(folder, 'note.txt') })

    expect(result).toMatchObject({ content: [{ type: 'text', text: 'read through the gateway' }] })
    expect(house.gatehouse.catalog.findTool('files__read_text_file')).toMatchObject({
      effect: 'read',
      source: 'files',
      localName: 'read_text_file',
    })
  })

  it('the everything server reports progress of a long call over stdio', async () => {
    const house = await openUpstreams({ all: { command: 'node', args: [programOf('@modelcontextprotocol/server-everything')] } })
    const { tools } = await house.until('all', 'connected')
    const long = tools.find(({ remoteName }: { remoteName: string }) => /long/i.test(remoteName)).name
    const seen: object[] = []

    await house.call(long, { duration: 1, steps: 4 }, { progress: (progress) => seen.push(progress) })

    expect(seen.length).toBeGreaterThanOrEqual(3)
    expect(seen[0]).toMatchObject({ progress: 1, total: 4 })
  })
})

describe('the everything server over Streamable HTTP', () => {
  it('answers, and is found again after its restart', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/mcp`
    const first = await startEverything(port)
    const house = await openUpstreams({ all: { url } })
    const { tools, server } = await house.until('all', 'connected')
    const echo = tools.find(({ remoteName }: { remoteName: string }) => remoteName === 'echo').name

    expect(server.revision).toBe('2025-11-25')
    expect(await house.callText(echo, { message: 'hello' })).toContain('hello')
    await first.stop()
    const second = await startEverything(port)
    onTestFinished(() => second.stop())

    await vi.waitFor(async () => expect(await house.callText(echo, { message: 'again' })).toContain('again'), { timeout: 15_000 })
    await house.close()
  })
})

describe('the tools of an upstream', () => {
  it('are listed byte for byte as the server wrote them, but for the name', async () => {
    const house = await openUpstreams({ odd: odd() })
    await house.until('odd', 'connected')

    const tool = house.gatehouse.catalog.findTool('odd__echo')

    expect(tool?.definition).toEqual({
      name: 'odd__echo',
      description: 'Does echo.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      annotations: { readOnlyHint: true, 'x-unknown': 1 },
      'x-extra': { kept: true },
    })
    await house.call('odd__echo', { text: 'a' })
    expect(JSON.stringify(tool?.definition)).not.toContain('__absolute')
  })

  it('are judged one by one: what is wrong with one hides no other', async () => {
    const house = await openUpstreams({ odd: odd(['--odd-tools']), other: odd() })
    const upstream = await house.until('odd', 'connected')
    await house.until('other', 'connected')

    const offered = names(house).filter((name) => name.startsWith('odd__'))
    const leftOut = Object.fromEntries(upstream.leftOut.map(({ tool, reason }: Record<string, string>) => [tool, reason]))

    expect(offered).toEqual(
      expect.arrayContaining([
        'odd__good',
        'odd__tree',
        'odd__remote_ref',
        'odd__bad_pattern',
        'odd__a__b',
        'odd__html',
        'odd__invisible',
      ]),
    )
    expect(offered).toHaveLength(9)
    expect(offered.every((name) => /^[a-zA-Z0-9_-]{1,64}$/.test(name))).toBe(true)
    expect(Object.keys(leftOut).sort()).toEqual(
      ['#17', '#18', '#2', '#3', 'good', 'huge', 'no_schema', 'ref_loop', 'wrong_schema'].sort(),
    )
    expect(leftOut['ref_loop']).toContain('circle')
    expect(upstream.notes.map(({ tool }: { tool: string }) => tool).sort()).toEqual([
      'odd__bad_pattern',
      'odd__invisible',
      'odd__remote_ref',
    ])
  })

  it('are called by their own names, however they had to be changed', async () => {
    const house = await openUpstreams({ odd: odd(['--odd-tools']) })
    const { tools } = await house.until('odd', 'connected')
    const nameOf = (remote: string): string => tools.find(({ remoteName }: { remoteName: string }) => remoteName === remote).name

    for (const remote of ['n'.repeat(200), 'a__b', 'größe/messen'])
      expect(await house.callText(nameOf(remote))).toBe(`called ${remote}`)
    expect(await house.callText('odd__tree', { node: { children: [{}] } })).toBe('called tree')
    expect(await house.callText('odd__remote_ref', { a: 1 })).toBe('called remote_ref')
    expect(house.gatehouse.catalog.findTool('odd__html')?.definition.description).toBe('<img src=x onerror=alert(1)>')
    expect(house.gatehouse.catalog.findTool('odd__invisible')?.definition.description).toContain('\u200b')
  })

  it('may be two thousand', async () => {
    const house = await openUpstreams({ many: odd(['--tools=2000']) })

    expect(await house.until('many', 'connected')).toMatchObject({ toolCount: 2_000, leftOutCount: 0 })
    expect(await house.callText('many__tool_1999')).toBe('called tool_1999')
  })

  it('are none where the server knows none, and it is connected all the same', async () => {
    const house = await openUpstreams({ odd: odd(['--no-tools']) })

    expect(await house.until('odd', 'connected')).toMatchObject({ toolCount: 0, lastError: null })
  })

  it('have no prefix where none is wanted', async () => {
    const house = await openUpstreams({ odd: odd([], { prefix: '' }) })
    await house.until('odd', 'connected')

    expect(await house.callText('echo', { text: 'bare' })).toBe('bare')
    expect(house.gatehouse.catalog.findLocal('odd', 'echo')?.name).toBe('echo')
  })

  it('cannot be named as if they were those of another upstream, even one that is off', async () => {
    const house = await openUpstreams({ a: odd([], { enabled: false }), wild: odd(['--odd-tools'], { prefix: '' }) })
    await house.until('wild', 'connected')

    expect(house.gatehouse.catalog.findTool('good')).toBeDefined()
    expect(house.gatehouse.catalog.findTool('a__b')).toBeUndefined()
    expect(house.lines.find(({ event }) => event === 'upstream.foreign_names_left_out')?.fields).toMatchObject({
      alias: 'wild',
      tools: ['a__b'],
    })
  })

  it('are read again when the server says that they changed', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) })
    await house.until('odd', 'connected')
    const { version } = house.gatehouse.catalog

    await house.call('odd__grow')

    await vi.waitFor(() => expect(names(house)).toContain('odd__grown_0'), { timeout: 10_000 })
    expect(house.gatehouse.catalog.version).toBe(version + 1)
  })
})

describe('arguments', () => {
  it.each([[undefined], [{}], [{ text: 7 }], [['text']], ['text'], [7]])(
    'that do not fit the schema never reach the server: %j',
    async (args) => {
      const house = await openUpstreams({ odd: odd() })
      await house.until('odd', 'connected')

      const fault = await faultOf(house.gatehouse.door.enter(systemCaller, 'odd__echo', args, entry()))

      expect(fault).toMatchObject({ code: 'invalid', details: [{ path: expect.any(String), message: expect.any(String) }] })
    },
  )

  const entry = () => ({
    transport: 'system' as const,
    requestId: 'test',
    sessionKey: 'test',
    signal: new AbortController().signal,
  })
})

describe('a call', () => {
  it('relays what it does not know, both ways', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) })
    await house.until('odd', 'connected')

    const result = await house.call('odd__params', { a: 1 }, { extra: { _meta: { traceparent: '00-1' }, task: {} } })

    expect(JSON.parse(String(result.content?.[0]?.['text']))).toEqual({
      name: 'params',
      arguments: { a: 1 },
      task: {},
      _meta: { traceparent: '00-1', progressToken: expect.any(Number) },
    })
    expect(result).toMatchObject({ extraField: { kept: true }, _meta: { 'x/y': 1 } })
    expect(await house.call('odd__unknown_block')).toEqual({ content: [{ type: 'hologram', data: 'abc' }] })
  })

  it('that fails at the server keeps the code and data of the error; a failing tool is a result', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) })
    await house.until('odd', 'connected')

    const fault = await faultOf(house.call('odd__fails'))

    expect(fault).toMatchObject({ code: 'upstream', data: { rpcCode: -32042, rpcData: { elicitations: [] } } })
    expect(fault.cause).toMatchObject({ name: 'RpcError', code: -32042 })
    expect(await house.call('odd__tool_error')).toMatchObject({ isError: true })
  })

  it('finds its answer among ten thousand over five upstreams', async () => {
    const aliases = ['a', 'b', 'c', 'd', 'e']
    const house = await openUpstreams(
      Object.fromEntries(aliases.map((alias) => [alias, odd([], { shared: true, maxConcurrency: 500, maxQueue: 10_000 })])),
    )
    for (const alias of aliases) await house.until(alias, 'connected')

    const calls: Promise<boolean>[] = []
    for (let index = 0; index < 10_000; index += 1) {
      const alias = aliases[index % 5]!
      calls.push(house.callText(`${alias}__echo`, { text: `${alias} ${index}` }).then((text) => text === `${alias} ${index}`))
      // Records are written between turns, and only so many may wait.
      if (index % 500 === 0) await nextTurn()
    }

    expect((await Promise.all(calls)).every(Boolean)).toBe(true)
    for (const alias of aliases) expect(await house.operate('upstream_get', { alias })).toMatchObject({ inFlight: 0, waiting: 0 })
  })

  it('times out, is cancelled, and is refused over the size limit, each with its own code', async () => {
    const house = await openUpstreams({
      odd: odd([], { shared: true, maxResultBytes: 100_000, tools: { never: { idleTimeoutMs: 100 } } }),
    })
    await house.until('odd', 'connected')
    const stop = new AbortController()

    expect(await faultOf(house.call('odd__never'))).toMatchObject({ code: 'timeout' })
    expect(await faultOf(house.call('odd__big', { bytes: 200_000 }))).toMatchObject({ code: 'too_large' })
    const cancelled = faultOf(house.call('odd__late', { afterMs: 5_000 }, { signal: stop.signal }))
    stop.abort()
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    expect(await house.callText('odd__echo', { text: 'still here' })).toBe('still here')
  })

  it('goes over garbage, a second answer and an answer under a foreign id', async () => {
    const house = await openUpstreams({ odd: odd(['--garbage'], { shared: true, tools: { wrong_id: { idleTimeoutMs: 100 } } }) })
    await house.until('odd', 'connected')

    expect(await house.callText('odd__garbage')).toBe('after the garbage')
    expect(await house.callText('odd__twice')).toBe('first')
    expect(await faultOf(house.call('odd__wrong_id'))).toMatchObject({ code: 'timeout' })
    expect(await house.callText('odd__flood', { bytes: 1_000_000 })).toBe('flooded')
    const { lines } = await house.operate('upstream_logs', { alias: 'odd', limit: 500 })
    expect(lines.map(({ text }: { text: string }) => text).join('\n')).toContain('ignored garbage')
  })

  it('waits for a place, in its order, and is refused when too many wait', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true, maxConcurrency: 1, maxQueue: 1 }) })
    await house.until('odd', 'connected')
    const order: string[] = []

    const first = house.call('odd__late', { afterMs: 200 }).then(() => order.push('first'))
    const second = house.call('odd__echo', { text: 'x' }).then(() => order.push('second'))
    const third = await faultOf(house.call('odd__echo', { text: 'x' }))
    await Promise.all([first, second])

    expect(third).toMatchObject({ code: 'busy', retryAfterMs: 1_000 })
    expect(order).toEqual(['first', 'second'])
  })

  it('gives notifications of the server to the client whose session it is', async () => {
    const house = await openUpstreams({ odd: odd() })
    await house.until('odd', 'connected')
    const heard: unknown[] = []

    await house.call('odd__log', {}, { notify: (method, params) => heard.push([method, params]) })

    expect(heard).toEqual([['notifications/message', { level: 'info', data: 'halfway' }]])
    await house.call('odd__confuse', {}, { notify: (method) => heard.push(method), progress: (progress) => heard.push(progress) })
    expect(heard.slice(1)).toEqual([])
  })
})

describe('sessions', () => {
  it('are one process for each client session, and shared by nobody', async () => {
    const house = await openUpstreams({ odd: odd() })
    await house.until('odd', 'connected')
    const count = (caller: string, sessionKey: string): Promise<string> =>
      house.callText('odd__count', {}, { caller: { ...systemCaller, id: caller }, sessionKey })

    expect([await count('a', '1'), await count('a', '1'), await count('a', '2'), await count('b', '1')]).toEqual([
      '1',
      '2',
      '1',
      '1',
    ])
    expect(house.store.children()).toBe(4)
    expect(await house.operate('upstream_get', { alias: 'odd' })).toMatchObject({ sessions: 3 })
  })

  it('end with the client session', async () => {
    const house = await openUpstreams({ odd: odd() })
    await house.until('odd', 'connected')
    await house.call('odd__count', {}, { sessionKey: 'system/1' })
    await house.call('odd__count', {}, { sessionKey: 'system/2' })

    house.gatehouse.events.publish('session_ended', { sessionKey: 'system/1' })

    await vi.waitFor(() => expect(house.store.children()).toBe(2), { timeout: 5_000 })
    expect(await house.callText('odd__count', {}, { sessionKey: 'system/2' })).toBe('2')
  })

  it('are one for all where the upstream is shared, and capped where it is not', async () => {
    const house = await openUpstreams({ shared: odd([], { shared: true }), own: odd([], { maxSessions: 1 }) })
    await house.until('shared', 'connected')
    await house.until('own', 'connected')

    expect(await house.callText('shared__count', {}, { sessionKey: '1' })).toBe('1')
    expect(await house.callText('shared__count', {}, { sessionKey: '2' })).toBe('2')
    await house.call('own__count', {}, { sessionKey: '1' })
    expect(await faultOf(house.call('own__count', {}, { sessionKey: '2' }))).toMatchObject({ code: 'busy' })
  })

  it('of one caller give way to another caller where all are taken', async () => {
    const house = await openUpstreams({ odd: odd([], { maxSessions: 3 }) })
    await house.until('odd', 'connected')
    const other = { ...systemCaller, id: 'user:2' }
    for (const sessionKey of ['a', 'b', 'c']) await house.callText('odd__count', {}, { sessionKey })

    expect(await house.callText('odd__count', {}, { sessionKey: 'mine', caller: other })).toBe('1')
    await expect(house.callText('odd__count', {}, { sessionKey: 'second', caller: other })).rejects.toMatchObject({
      code: 'busy',
    })

    expect(await house.callText('odd__count', {}, { sessionKey: 'c' })).toBe('2')
    await vi.waitFor(() => expect(house.store.children()).toBe(4))
  })

  it('that nobody uses are closed', async () => {
    const house = await openUpstreams({ odd: odd() }, { healthIntervalSeconds: 0.05, sessionIdleMs: 100 })
    await house.until('odd', 'connected')

    await house.call('odd__count')

    await vi.waitFor(() => expect(house.store.children()).toBe(1), { timeout: 5_000 })
  })

  it('over HTTP are made anew when the server has forgotten them, with one safe repetition', async () => {
    const server = await startHttpUpstream()
    const house = await openUpstreams({ http: { url: server.url } })
    await house.until('http', 'connected')
    expect(await house.callText('http__count')).toBe('1')

    server.sessions.clear()
    const texts = await Promise.all(Array.from({ length: 5 }, () => house.callText('http__count')))

    expect(texts.sort()).toEqual(['1', '2', '3', '4', '5'])
    await house.close()
    expect(server.sessions.size).toBe(0)
    await server.stop()
  })

  it('are not made where an HTTP server keeps none', async () => {
    const server = await startHttpUpstream({ sessions: 'none' })
    const house = await openUpstreams({ http: { url: server.url } })
    await house.until('http', 'connected')

    for (const sessionKey of ['1', '2', '3']) await house.call('http__echo', { text: 'x' }, { sessionKey })

    expect(server.requests.filter(({ rpcMethod }) => rpcMethod === 'initialize')).toHaveLength(1)
    await house.close()
    await server.stop()
  })
})

describe('supervision', () => {
  it('lets a killed server be called again at once, many times', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) })
    await house.until('odd', 'connected')

    for (let round = 0; round < 3; round += 1) {
      const pid = Number(await house.callText('odd__pid'))
      process.kill(pid, 'SIGKILL')
      await vi.waitFor(() => expect(house.store.children()).toBe(0), { timeout: 5_000 })
      expect(Number(await house.callText('odd__pid'))).not.toBe(pid)
    }
    expect(house.store.children()).toBe(1)
  })

  it('repeats a call that died only where its tool says that this is safe', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true, tools: { late: { effect: 'read' } } }) })
    await house.until('odd', 'connected')
    const pid = Number(await house.callText('odd__pid'))

    const safe = house.callText('odd__late', { afterMs: 300 })
    const unsafe = faultOf(house.call('odd__never'))
    await vi.waitFor(async () => expect((await house.operate('upstream_get', { alias: 'odd' })).inFlight).toBe(2))
    process.kill(pid, 'SIGKILL')

    expect(await unsafe).toMatchObject({ code: 'upstream', message: expect.stringContaining('SIGKILL') })
    expect(await safe).toBe('late')
  })

  it('recovers by itself from a failed first start, and tells why it failed', async () => {
    const file = join(folder, 'now-it-works')
    const house = await openUpstreams({ odd: odd([`--fail-start=${file}`]) }, { healthIntervalSeconds: 1 })

    const { lastError } = await house.until('odd', 'error')
    expect(lastError).toContain('exit code 3')
    writeFileSync(file, '')

    await house.until('odd', 'connected')
    expect(await house.callText('odd__echo', { text: 'a' })).toBe('a')
  })

  it('retries when it is enabled again', async () => {
    const file = join(folder, 'enabled-again')
    const house = await openUpstreams({ odd: odd([`--fail-start=${file}`], { enabled: false }) })

    const failed = await house.operate('upstream_enable', { alias: 'odd' })
    expect(failed).toMatchObject({ state: 'error', enabled: true, enabledBy: 'override' })
    writeFileSync(file, '')
    const again = await house.operate('upstream_enable', { alias: 'odd' })

    expect(again).toMatchObject({ state: 'connected', lastError: null })
  })

  it('finds a stopped server, replaces it and leaves no process behind', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) }, { healthIntervalSeconds: 0.1, healthTimeoutMs: 200 })
    await house.until('odd', 'connected')
    // On a busy machine a server that is well may have been replaced for its slowness before; only what comes after the stop counts.
    const { connects } = await house.operate('upstream_get', { alias: 'odd' })
    const pid = Number(await house.callText('odd__pid'))

    process.kill(pid, 'SIGSTOP')

    await eventually(async () => {
      expect(isAlive(pid)).toBe(false)
      expect(await house.operate('upstream_get', { alias: 'odd' })).toMatchObject({ state: 'connected' })
      expect(house.store.children()).toBe(1)
    })
    expect((await house.operate('upstream_get', { alias: 'odd' })).connects).toBeGreaterThan(connects)
  })

  it('lets calls wait while it is restarted', async () => {
    const house = await openUpstreams({ odd: odd(['--ignore-term'], { shared: true }) })
    await house.until('odd', 'connected')
    const pid = await house.callText('odd__pid')

    const restarted = house.operate('upstream_restart', { alias: 'odd' })
    await vi.waitFor(async () => expect((await house.operate('upstream_get', { alias: 'odd' })).state).not.toBe('connected'))
    const during = house.callText('odd__pid')

    expect(await during).not.toBe(pid)
    expect(await restarted).toMatchObject({ state: 'connected' })
  })

  it('reconnects once for many calls that fail together', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true, maxConcurrency: 50 }) })
    await house.until('odd', 'connected')

    await Promise.all(Array.from({ length: 20 }, () => faultOf(house.call('odd__die'))))
    await house.until('odd', 'connected')

    expect(house.store.children()).toBe(1)
    expect((await house.operate('upstream_get', { alias: 'odd' })).connects).toBe(2)
  })

  it('waits for a slow server while others are used', async () => {
    const house = await openUpstreams({ slow: odd(['--slow-start=1500']), quick: odd() })

    await house.until('quick', 'connected')
    expect(await house.callText('quick__echo', { text: 'a' })).toBe('a')
    expect((await house.operate('upstream_get', { alias: 'slow' })).state).toBe('connecting')

    await house.until('slow', 'connected')
  })

  it('finds out at the first failing call that an HTTP server is gone, and comes back with it', async () => {
    const server = await startHttpUpstream()
    const house = await openUpstreams({ http: { url: server.url } })
    await house.until('http', 'connected')

    await server.stop()
    expect(['unavailable', 'upstream']).toContain((await faultOf(house.call('http__count'))).code)
    await house.until('http', 'error')
    await server.start()

    await house.until('http', 'connected')
    await house.close()
    await server.stop()
  })
})
