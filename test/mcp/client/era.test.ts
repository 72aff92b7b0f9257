import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import { type Opened, Opener } from './open-scripted.ts'
import { DISCOVERED, INITIALIZED, type ScriptedServer, startScripted, type Talk } from './scripted-server.ts'

const opener = new Opener()
let server: ScriptedServer | undefined

const serve = async (script: (talk: Talk) => void): Promise<string> => {
  server = await startScripted(script)
  return server.url
}
/** A server of the session era that answers everything else as it is told. */
const session =
  (otherwise: (talk: Talk) => void) =>
  (talk: Talk): void => {
    if (talk.method === 'initialize') talk.result(INITIALIZED)
    else if (talk.http === 'POST' && talk.id === undefined) talk.status(202)
    else otherwise(talk)
  }
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )
const methods = (): string[] => server!.heard.filter(({ http }) => http === 'POST').map(({ method }) => method)
const eraOf = ({ connection: { era, verdict } }: Opened): unknown => ({ era, verdict })

afterEach(async () => {
  await opener.close()
  expect(opener.wheel.size).toBe(0)
  expect(opener.register.pids).toEqual([])
  await server?.stop()
  server = undefined
})

describe('a server over HTTP', () => {
  it('that introduces itself is spoken to in the stateless era', async () => {
    const url = await serve((talk) => talk.result(DISCOVERED))

    const opened = await opener.http(url)

    expect(eraOf(opened)).toEqual({ era: 'stateless', verdict: { era: 'stateless', wire: 'http' } })
    expect(opened.connection.server).toEqual({
      ...DISCOVERED,
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'scripted', version: '1' },
    })
    expect(opened.connection.stateful).toBe(false)
    expect(methods()).toEqual(['server/discover'])
  })

  it.each([
    ['refuses without a session', (talk: Talk) => talk.error(400, -32000, 'Server not initialized')],
    ['knows no such method', (talk: Talk) => talk.error(200, -32601)],
    ['has an error for everything', (talk: Talk) => talk.error(400, -32602)],
    ['answers with nothing', (talk: Talk) => talk.status(404)],
    ['answers with anything', (talk: Talk) => talk.result({})],
    ['speaks only older revisions', (talk: Talk) => talk.result({ ...DISCOVERED, supportedVersions: ['2025-11-25'] })],
    ['names only older revisions', (talk: Talk) => talk.error(400, -32022, 'No.', { supported: ['2025-06-18'] })],
  ])('that %s is spoken to in the session era', async (_, otherwise) => {
    const opened = await opener.http(await serve(session(otherwise)))

    expect(eraOf(opened)).toEqual({ era: 'session', verdict: { era: 'session', wire: 'http' } })
    expect(methods()).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
    expect(await failure(opened.connection.subscribe({}, () => {}))).toMatchObject({ kind: 'refused' })
  })

  it('that is silent is spoken to in the session era in time', async () => {
    const opened = await opener.http(await serve(session(() => {})), { timeoutMs: 600 })

    expect(opened.connection.era).toBe('session')
  })

  it('that is in trouble is spoken to as it will have it, and asked again the next time', async () => {
    const opened = await opener.http(await serve(session((talk) => talk.status(500))))

    expect(eraOf(opened)).toEqual({ era: 'session', verdict: undefined })
  })

  it.each([
    ['401', (talk: Talk) => talk.status(401)],
    ['403', (talk: Talk) => talk.status(403)],
    ['503', (talk: Talk) => talk.status(503)],
    ['a missing header', (talk: Talk) => talk.error(400, -32020)],
    ['revisions that nobody knows', (talk: Talk) => talk.error(400, -32022, 'No.', { supported: ['2031-01-01'] })],
  ])('that answers with %s is asked nothing else', async (_, otherwise) => {
    await failure(opener.http(await serve(otherwise)))

    expect(methods()).toEqual(['server/discover'])
  })

  it('of a later time says what it speaks', async () => {
    const url = await serve((talk) => talk.result({ ...DISCOVERED, supportedVersions: ['2031-01-01', '2030-01-01'] }))

    const error = await failure(opener.http(url))

    expect(error.message).toContain('2031-01-01, 2030-01-01')
    expect(error.message).toContain('2026-07-28')
  })

  it.each([
    [
      'no types that anybody expects',
      { capabilities: 'all', instructions: 7, _meta: { 'io.modelcontextprotocol/serverInfo': [] } },
    ],
    ['nulls', { capabilities: null, instructions: null, _meta: null, serverInfo: null }],
  ])('that introduces itself with %s is taken to have said nothing of it', async (_, said) => {
    const opened = await opener.http(await serve((talk) => talk.result({ ...DISCOVERED, ...said, extra: { kept: true } })))

    expect(opened.connection.server).toMatchObject({ capabilities: {}, serverInfo: {}, extra: { kept: true } })
    expect(opened.connection.server).not.toHaveProperty('instructions')
  })

  it('that names its revisions in a hostile way is told apart from all others', async () => {
    const error = await failure(
      opener.http(await serve((talk) => talk.result({ ...DISCOVERED, supportedVersions: [{ toString: 1 }] }))),
    )

    expect(error).toMatchObject({ kind: 'refused' })
  })

  it('that takes over from another version while it is asked is asked again', async () => {
    let asked = 0
    const url = await serve((talk) => {
      asked += 1
      if (asked === 1) talk.error(400, -32022, 'No.', { supported: ['2026-07-28'] })
      else talk.result(DISCOVERED)
    })

    expect((await opener.http(url)).connection.era).toBe('stateless')
  })

  it('whose era is known is not asked for it', async () => {
    const url = await serve(session((talk) => talk.error(400, -32000)))

    const opened = await opener.http(url, { known: { era: 'session', wire: 'http' } })

    expect(opened.connection.era).toBe('session')
    expect(methods()).toEqual(['initialize', 'notifications/initialized'])
  })

  it('that became one of the other era is found out', async () => {
    const stateless = await serve((talk) =>
      talk.method === 'server/discover' ? talk.result(DISCOVERED) : talk.error(404, -32601),
    )
    expect((await opener.http(stateless, { known: { era: 'session', wire: 'http' } })).connection.era).toBe('stateless')
    await opener.close()
    await server!.stop()

    const older = await serve(session((talk) => talk.error(400, -32000)))
    expect((await opener.http(older, { known: { era: 'stateless', wire: 'http' } })).connection.era).toBe('session')
  })

  it('that is said to be of the stateless era need not introduce itself', async () => {
    const url = await serve((talk) => talk.error(404, -32601))

    const opened = await opener.http(url, { era: 'stateless' })

    expect(eraOf(opened)).toEqual({ era: 'stateless', verdict: { era: 'stateless', wire: 'http' } })
    expect(opened.connection.server.serverInfo).toEqual({})
    const pinned = await failure(opener.http(await serve(session((talk) => talk.status(400))), { era: 'stateless' }))
    expect(pinned).toMatchObject({ kind: 'refused' })
  })

  it('that is said to be of the session era is not asked for another', async () => {
    const url = await serve(session((talk) => talk.result(DISCOVERED)))

    expect((await opener.http(url, { era: 'session' })).connection.era).toBe('session')
    expect(methods()).toEqual(['initialize', 'notifications/initialized'])
  })

  it('is not waited for longer than the whole handshake may take, or than somebody wants it', async () => {
    const url = await serve(() => {})
    expect(await failure(opener.http(url, { timeoutMs: 200 }))).toMatchObject({ kind: 'timeout' })

    const stop = new AbortController()
    const waits = failure(opener.http(url, { signal: stop.signal }))
    stop.abort()
    expect(await waits).toMatchObject({ kind: 'cancelled' })
  })
})

describe('a server over stdio', () => {
  let dir: string
  let log: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gatehouse-era-'))
    log = join(dir, 'log')
  })
  afterEach(() => rmSync(dir, { recursive: true }))
  const logged = (): string[] => readFileSync(log, 'utf8').trim().split('\n')

  it('of both eras is spoken to in the stateless one, with the process that was asked', async () => {
    const opened = await opener.stdio(['--stateless', '--session', `--log=${log}`])

    expect(eraOf(opened)).toEqual({ era: 'stateless', verdict: { era: 'stateless', wire: 'stdio' } })
    expect(opened.connection.stateful).toBe(false)
    expect(logged()).toEqual(['start', 'server/discover'])
  })

  it('of the session era goes on with the process that was asked', async () => {
    const opened = await opener.stdio(['--session', `--log=${log}`])

    expect(eraOf(opened)).toEqual({ era: 'session', verdict: { era: 'session', wire: 'stdio' } })
    expect(opened.connection.stateful).toBe(true)
    expect(logged().slice(0, 3)).toEqual(['start', 'server/discover', 'initialize'])
  })

  it('that ends when it is asked is started once more', async () => {
    const opened = await opener.stdio(['--session', '--exit-on-probe', `--log=${log}`])

    expect(opened.connection.era).toBe('session')
    expect(logged().slice(0, 4)).toEqual(['start', 'server/discover', 'start', 'initialize'])
    expect(opener.register.pids).toHaveLength(1)
  })

  it('that does not answer the question is spoken to in the session era', async () => {
    const opened = await opener.stdio(['--session', '--mute-probe'], { timeoutMs: 1_500 })

    expect(opened.connection.era).toBe('session')
    await opener.close()
    const again = await opener.stdio(['--session', `--log=${log}`], { known: opened.connection.verdict })
    expect(again.connection.era).toBe('session')
    expect(logged().slice(0, 2)).toEqual(['start', 'initialize'])
  })

  it('that speaks neither fails with what it says, and leaves no process', async () => {
    expect(await failure(opener.stdio([]))).toMatchObject({ code: -32022 })
    expect(opener.register.pids).toEqual([])
  })

  it('of the stateless era takes in one channel what HTTP tells apart', async () => {
    const { connection, notifications } = await opener.stdio(['--stateless', `--log=${log}`])
    const heard: string[] = []

    const long = await connection.subscribe({ toolsListChanged: true }, (method) => heard.push(method))
    const short = await connection.subscribe({ short: true }, (method) => heard.push(method))
    const stop = new AbortController()
    const waits = failure(connection.request('tools/call', { name: 'never' }, { idleTimeoutMs: 5_000, signal: stop.signal }))
    stop.abort()

    expect(await short.ended).toBeUndefined()
    expect(await waits).toMatchObject({ kind: 'cancelled' })
    expect(heard).toEqual(['notifications/tools/list_changed', 'notifications/tools/list_changed'])
    expect(notifications).toEqual([])
    long.close()
    expect(await long.ended).toBeUndefined()
    const result = await connection.request('tools/call', { name: 'meta' }, { idleTimeoutMs: 5_000 })
    expect(JSON.stringify(result)).toContain('io.modelcontextprotocol/clientCapabilities')
    expect(logged().filter((line) => line === 'notifications/cancelled')).toHaveLength(2)
  })
})
