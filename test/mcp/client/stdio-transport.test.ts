import { afterEach, describe, expect, it, vi } from 'vitest'
import { createChildRegister } from '../../../src/mcp/client/child-register.ts'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import { listTools } from '../../../src/mcp/client/list-tools.ts'
import { callText, isAlive, type Odd, openOdd } from './open-odd.ts'

const opened: Odd[] = []
const open = async (...args: Parameters<typeof openOdd>): Promise<Odd> => {
  const odd = await openOdd(...args)
  opened.push(odd)
  return odd
}
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )
afterEach(async () => {
  for (const { connection, register } of opened.splice(0)) {
    await connection.close()
    expect(register.pids).toEqual([])
    register.close()
  }
})

describe('a connection to a stdio server', () => {
  it('negotiates, and keeps what it does not know of the introduction', async () => {
    const { connection } = await open()

    expect(connection.server).toMatchObject({ protocolVersion: '2025-11-25', capabilities: { 'x-capability': {} } })
    expect(connection.server.serverInfo).toMatchObject({ name: 'odd', 'x-info': true })
  })

  it('accepts the oldest revision and refuses one it does not speak', async () => {
    const { connection } = await open(['--revision=2024-11-05'])
    expect(connection.server.protocolVersion).toBe('2024-11-05')

    const error = await failure(open(['--revision=1999-01-01']))
    expect(error).toMatchObject({ kind: 'broken' })
    expect(error.message).toContain('1999-01-01')
  })

  it('returns results untouched, unknown fields and content blocks included', async () => {
    const { connection } = await open()

    const result = await connection.request(
      'tools/call',
      { name: 'params', arguments: {}, _meta: { traceparent: '00-1' }, task: { ttl: 1 } },
      { idleTimeoutMs: 5_000, wantProgress: true },
    )
    const block = await connection.request('tools/call', { name: 'unknown_block' }, { idleTimeoutMs: 5_000 })

    expect(result).toMatchObject({ extraField: { kept: true }, _meta: { 'x/y': 1 } })
    const sent = JSON.parse((result as { content: [{ text: string }] }).content[0].text)
    expect(sent).toMatchObject({ task: { ttl: 1 }, _meta: { traceparent: '00-1', progressToken: expect.any(Number) } })
    expect(block).toEqual({ content: [{ type: 'hologram', data: 'abc' }] })
  })

  it('answers a thousand calls at once, each with its own', async () => {
    const { connection, wheel } = await open()

    const texts = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => callText(connection, 'echo', { text: `${index}` })),
    )

    expect(texts).toEqual(Array.from({ length: 1_000 }, (_, index) => `${index}`))
    expect(connection.pendingCount).toBe(0)
    expect(wheel.size).toBe(0)
  })

  it('ignores garbage between messages', async () => {
    const { connection, ignored } = await open(['--garbage'])

    expect(await callText(connection, 'garbage')).toBe('after the garbage')
    expect(ignored.length).toBeGreaterThanOrEqual(4)
  })

  it.each(['garbage', '{}'])('ends a server that writes %s without end, and says so', async (text) => {
    const error = await failure(open([], { command: 'yes', args: [text] }))

    expect(error).toMatchObject({ kind: 'lost' })
    expect(error.message).toContain('no messages of MCP')
  })

  it('ignores a second answer, a late one and one under an unknown id', async () => {
    const { connection } = await open()

    expect(await callText(connection, 'twice')).toBe('first')
    expect(await failure(callText(connection, 'late', { afterMs: 300 }, 50))).toMatchObject({ kind: 'timeout', sent: true })
    expect(await failure(callText(connection, 'wrong_id', {}, 50))).toMatchObject({ kind: 'timeout' })
    await vi.waitFor(() => expect(connection.strayCount).toBe(3), { timeout: 5_000 })

    expect(await callText(connection, 'echo', { text: 'still here' })).toBe('still here')
  })

  it('tells the server when it gives up, and who asked for it', async () => {
    const { connection } = await open()
    const stop = new AbortController()

    const call = failure(connection.request('tools/call', { name: 'never' }, { idleTimeoutMs: 5_000, signal: stop.signal }))
    stop.abort()

    expect(await call).toMatchObject({ kind: 'cancelled' })
    expect(JSON.parse(await callText(connection, 'cancelled'))).toEqual([{ requestId: 2, reason: 'cancelled' }])
  })

  it('restarts the idle timeout with every progress, and hands progress on', async () => {
    const { connection } = await open()
    const seen: object[] = []

    await connection.request(
      'tools/call',
      { name: 'progress', arguments: { steps: 6, everyMs: 100 } },
      { idleTimeoutMs: 300, maxTimeoutMs: 10_000, wantProgress: true, onProgress: (params) => seen.push(params) },
    )

    expect(seen).toHaveLength(6)
    expect(seen[0]).toEqual({ progress: 1, total: 6, note: 'kept' })
  })

  it('stops at the ceiling however much progress comes', async () => {
    const { connection } = await open()

    const options = { idleTimeoutMs: 200, maxTimeoutMs: 400, wantProgress: true }
    const error = await failure(
      connection.request('tools/call', { name: 'progress', arguments: { steps: 100, everyMs: 50 } }, options),
    )

    expect(error).toMatchObject({ kind: 'timeout' })
    expect(error.message).toContain('400 ms in all')
  })

  it('passes an error on with its code and data', async () => {
    const { connection } = await open()

    const error = await failure(callText(connection, 'fails'))

    expect(error).toMatchObject({ name: 'RpcError', code: -32042, message: 'Sign in first.', data: { elicitations: [] } })
  })

  it('answers ping, and refuses what it cannot do instead of staying silent', async () => {
    const { connection } = await open()

    expect(JSON.parse(await callText(connection, 'ping_back'))).toMatchObject({ id: 7, result: {} })
    expect(JSON.parse(await callText(connection, 'ask'))).toMatchObject({ id: 'q1', error: { code: -32601 } })
  })

  it('hands on notifications that belong to no request', async () => {
    const { connection, notifications } = await open()

    await callText(connection, 'log')

    expect(notifications).toEqual([{ method: 'notifications/message', params: { level: 'info', data: 'halfway' } }])
  })

  it('fails everything that waits when the server dies, and says how it ended', async () => {
    const { connection, closed } = await open()

    const waiting = failure(callText(connection, 'never'))
    const dying = failure(callText(connection, 'die'))

    expect(await dying).toMatchObject({ kind: 'lost', sent: true, message: 'The server ended with exit code 7.' })
    expect(await waiting).toMatchObject({ kind: 'lost' })
    await closed
    expect(connection.open).toBe(false)
    expect(await failure(callText(connection, 'echo'))).toMatchObject({ kind: 'lost', sent: false })
  })

  it('drops an answer over the cap at once, and lives on', async () => {
    const { connection } = await open()

    expect(await failure(callText(connection, 'big', { bytes: 2_000_000 }))).toMatchObject({ kind: 'too_large' })
    expect(await callText(connection, 'big', { bytes: 900_000 })).toHaveLength(900_000)
  })

  it('is not wedged by a flood on standard error, and keeps little of it', async () => {
    const { connection, stderr } = await open()

    expect(await callText(connection, 'flood', { bytes: 1_000_000 })).toBe('flooded')
    expect(stderr.length).toBeGreaterThan(0)
    expect(stderr.length).toBeLessThan(1_000)
  })

  it('gives the child an allow-listed environment and its own variables, nothing of ours', async () => {
    vi.stubEnv('SECRET_KEY_BASE', 'must-stay-here')
    vi.stubEnv('NODE_OPTIONS', '--no-warnings')
    const { connection } = await open([], { env: { TOKEN: 'its own' } })
    vi.unstubAllEnvs()

    const environment = JSON.parse(await callText(connection, 'environment'))

    expect(environment).toMatchObject({ TOKEN: 'its own', PATH: process.env['PATH'] })
    expect(environment).not.toHaveProperty('SECRET_KEY_BASE')
    expect(environment).not.toHaveProperty('NODE_OPTIONS')
  })

  it('kills a server that ignores TERM together with its grandchild', async () => {
    const { connection, register, stderr } = await open(['--ignore-term', '--grandchild'])
    await vi.waitFor(() => expect(stderr.join()).toMatch(/grandchild \d+/), { timeout: 5_000 })
    const pids = [...register.pids, Number(/grandchild (\d+)/.exec(stderr.join())?.[1])]
    expect(pids.every(isAlive)).toBe(true)

    await connection.close()

    expect(register.pids).toEqual([])
    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), { timeout: 5_000 })
  })

  it('collects the grandchildren of a server that dies by itself', async () => {
    const { connection, closed, stderr } = await open(['--grandchild'])
    await vi.waitFor(() => expect(stderr.join()).toMatch(/grandchild \d+/), { timeout: 5_000 })
    const grandchild = Number(/grandchild (\d+)/.exec(stderr.join())?.[1])

    await failure(callText(connection, 'die'))
    await closed

    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), { timeout: 5_000 })
  })

  it('ends a server that asks and asks and reads no answer', async () => {
    const { connection, closed } = await open([], { maxBacklogBytes: 100_000 })

    await callText(connection, 'deaf', { pings: 20_000 })

    expect((await closed).message).toBe('The server stopped reading its input.')
    expect(connection.open).toBe(false)
  })

  it('leaves nothing running that could not be written down', async () => {
    const pids: number[] = []
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const register = createChildRegister({
      added(pid) {
        pids.push(pid)
        throw full
      },
    })

    expect(await failure(open([], { register }))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('ENOSPC'),
    })
    expect(pids.map(isAlive)).toEqual([false])
    expect(register.pids).toEqual([])
    register.close()
  })

  it('names a command that does not exist, and a handshake that takes too long', async () => {
    expect(await failure(open([], { command: 'no-such-command-here' }))).toMatchObject({
      kind: 'unreachable',
      sent: false,
      message: expect.stringContaining('"no-such-command-here" was not found'),
    })
    expect(await failure(open(['--slow-start=60000'], {}, 100))).toMatchObject({ kind: 'timeout' })
  })
})

describe('a list of tools', () => {
  it('is drained over all its pages', async () => {
    const { connection } = await open(['--tools=2000'])

    const { tools, cutShort } = await listTools(connection, { timeoutMs: 5_000 })

    expect(tools).toHaveLength(2_000)
    expect(cutShort).toBeUndefined()
  })

  it('is cut where cursors never end or come twice', async () => {
    const endless = await open(['--endless'])
    const repeating = await open(['--repeat'])

    expect(await listTools(endless.connection, { timeoutMs: 5_000, maxPages: 20 })).toMatchObject({
      cutShort: expect.stringContaining('20 pages'),
    })
    expect(await listTools(endless.connection, { timeoutMs: 5_000, maxEntries: 10 })).toMatchObject({
      cutShort: expect.stringContaining('10 tools'),
    })
    expect(await listTools(endless.connection, { timeoutMs: 5_000, maxChars: 1_000 })).toMatchObject({
      cutShort: expect.stringContaining('1000 characters'),
    })
    expect(await listTools(repeating.connection, { timeoutMs: 5_000 })).toMatchObject({
      cutShort: expect.stringContaining('repeated'),
    })
  })
})
