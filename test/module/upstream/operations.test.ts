import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import { startHttpUpstream } from '../../fixture/upstream/http-upstream.ts'
import { odd, openUpstreams, type Upstreams } from './open-upstreams.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-operations-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => void vi.unstubAllEnvs())

const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => expect.fail('It should have been refused.'),
    (thrown) => thrown as Fault,
  )
/** What a server sees of its environment. */
async function readEnvironment(house: Upstreams): Promise<Record<string, string>> {
  const read = JSON.parse(await house.callText('odd__environment_backwards')) as Record<string, string>
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, [...value].reverse().join('')]))
}

const add = (house: Upstreams, alias: string, definition: object): Promise<any> =>
  house.operate('upstream_add', { alias, ...definition })

describe('an upstream from the configuration', () => {
  it('that is broken hides no other, and says what is wrong with it', async () => {
    const house = await openUpstreams({
      good: odd(),
      bad: { transport: 'http' },
      'Bad Name': odd(),
      secret: odd([], { env: { API_KEY: 'abcdef123456' } }),
      worse: 17,
    })
    await house.until('good', 'connected')

    const { upstreams } = await house.operate('upstream_list')
    const errors = Object.fromEntries(
      upstreams.map(({ alias, state, lastError }: any) => [alias, state === 'error' ? lastError : state]),
    )

    expect(errors).toEqual({
      good: 'connected',
      bad: expect.stringContaining('/url'),
      'Bad Name': expect.stringContaining('alias'),
      secret: expect.stringContaining('/env/API_KEY'),
      worse: expect.any(String),
    })
    expect(JSON.stringify(upstreams)).not.toContain('abcdef123456')
  })

  it('may come from the servers file of another program, and a missing file is none', async () => {
    const file = join(folder, 'mcp.json')
    writeFileSync(
      file,
      JSON.stringify({
        mcpServers: { one: { type: 'stdio', ...odd() }, off: { ...odd(), disabled: true, alwaysAllow: [] }, broken: {} },
      }),
    )

    const house = await openUpstreams({}, { serversFile: file })
    await house.until('one', 'connected')
    const without = await openUpstreams({}, { serversFile: join(folder, 'no-such-file') })

    const { upstreams } = await house.operate('upstream_list')
    expect(upstreams.map(({ alias, state }: any) => [alias, state])).toEqual([
      ['broken', 'error'],
      ['off', 'disabled'],
      ['one', 'connected'],
    ])
    expect(await without.operate('upstream_list')).toEqual({ upstreams: [], children: 0 })
  })

  it('from such a file has the nearest alias, by which and by its own name it may be enabled', async () => {
    const file = join(folder, 'named.json')
    writeFileSync(
      file,
      JSON.stringify({ mcpServers: { My_Server: odd(), 'Other Server': odd(), 'other-server': odd(), 日本: odd() } }),
    )

    const house = await openUpstreams({}, { serversFile: file, autoEnable: ['My_Server', 'other-server'] })
    await Promise.all([house.until('my-server', 'connected'), house.until('other-server', 'connected')])

    const { upstreams } = await house.operate('upstream_list')
    expect(upstreams.map(({ alias, state }: any) => [alias, state])).toEqual([
      ['my-server', 'connected'],
      ['other-server', 'connected'],
      ['日本', 'error'],
    ])
    expect(house.lines).toContainEqual({ event: 'upstream.defined_twice', fields: { alias: 'other-server', file } })
  })

  it('is connected at start only where autoEnable names it', async () => {
    const house = await openUpstreams({ one: odd(), two: odd() }, { autoEnable: ['two', 'unknown'] })
    await house.until('two', 'connected')

    expect(await house.operate('upstream_get', { alias: 'one' })).toMatchObject({ state: 'disabled', enabled: false })
  })

  it('cannot take the name of a module, be replaced or removed from here, or be switched where it is pinned', async () => {
    const house = await openUpstreams({ upstream: odd(), pinned: odd([], { pinned: true, enabled: false }), plain: odd() })
    await house.until('upstream', 'error')

    expect(await faultOf(house.operate('upstream_enable', { alias: 'pinned' }))).toMatchObject({ code: 'conflict' })
    expect(await faultOf(house.operate('upstream_remove', { alias: 'plain' }))).toMatchObject({ code: 'conflict' })
    expect(await faultOf(add(house, 'plain', odd()))).toMatchObject({ code: 'conflict' })
    expect(await faultOf(add(house, 'access', odd()))).toMatchObject({ code: 'conflict' })
  })
})

describe('enabling and disabling', () => {
  it('takes the tools away and brings them back with another process', async () => {
    const house = await openUpstreams({ odd: odd([], { shared: true }) })
    await house.until('odd', 'connected')
    const pid = await house.callText('odd__pid')

    const disabled = await house.operate('upstream_disable', { alias: 'odd' })
    expect(disabled).toMatchObject({ state: 'disabled', enabled: false, enabledBy: 'override', toolCount: 0 })
    expect(house.store.children()).toBe(0)
    expect(await faultOf(house.call('odd__pid'))).toMatchObject({ code: 'not_found' })

    await house.operate('upstream_enable', { alias: 'odd' })
    const enabled = await house.operate('upstream_enable', { alias: 'odd' })
    expect(enabled).toMatchObject({ state: 'connected' })
    expect(await house.callText('odd__pid')).not.toBe(pid)
    expect(house.store.children()).toBe(1)
  })

  it('outlives a restart of the gateway until it is reset', async () => {
    const dataDir = mkdtempSync(join(folder, 'data-'))
    const first = await openUpstreams({ odd: odd() }, {}, { dataDir })
    await first.operate('upstream_disable', { alias: 'odd' })
    await first.close()

    const second = await openUpstreams({ odd: odd() }, {}, { dataDir })
    expect(await second.operate('upstream_get', { alias: 'odd' })).toMatchObject({ state: 'disabled', enabledBy: 'override' })
    const reset = await second.operate('upstream_reset', { alias: 'odd' })
    expect(reset).toMatchObject({ state: 'connected', enabledBy: 'definition' })
    await second.close()

    const pinned = await openUpstreams({ odd: odd([], { pinned: true }) }, {}, { dataDir })
    await pinned.until('odd', 'connected')
  })
})

describe('an upstream that is added at run time', () => {
  it('is connected at once, kept over restarts, replaced under its lock and removed', async () => {
    const dataDir = mkdtempSync(join(folder, 'data-'))
    const first = await openUpstreams({}, {}, { dataDir })
    const added = await add(first, 'new', odd())
    expect(added).toMatchObject({ state: 'connected', origin: 'stored', updatedAt: expect.any(Number) })
    await first.close()

    const second = await openUpstreams({}, {}, { dataDir })
    await second.until('new', 'connected')
    const update = { alias: 'new', updatedAt: added.updatedAt, ...odd([], { prefix: 'renamed' }) }
    const updated = await second.operate('upstream_update', update)
    expect(updated.firstTools[0]).toMatch(/^renamed__/)
    expect(await faultOf(second.operate('upstream_update', update))).toMatchObject({ code: 'conflict' })
    await second.operate('upstream_remove', { alias: 'new' })
    expect(second.store.children()).toBe(0)
    expect(await faultOf(second.operate('upstream_get', { alias: 'new' }))).toMatchObject({ code: 'not_found' })
    await second.close()

    const third = await openUpstreams({}, {}, { dataDir })
    expect(await third.operate('upstream_list')).toMatchObject({ upstreams: [] })
    expect(await add(third, 'new', odd())).toMatchObject({ state: 'connected' })
  })

  it('is gone for good however often it is enabled while it is removed', async () => {
    const house = await openUpstreams({})
    await add(house, 'stubborn', odd(['--ignore-term'], { shared: true }))

    const removed = house.operate('upstream_remove', { alias: 'stubborn' })
    await vi.waitFor(async () =>
      expect(await house.operate('upstream_get', { alias: 'stubborn' })).not.toMatchObject({ state: 'connected' }),
    )
    const enabled = house.operate('upstream_enable', { alias: 'stubborn' }).catch(() => {})
    await Promise.all([removed, enabled])

    expect(await house.operate('upstream_list')).toMatchObject({ upstreams: [], children: 0 })
    expect(house.gatehouse.catalog.all().some(({ source }) => source === 'stubborn')).toBe(false)
  })

  it('is refused where a secret is written out, wherever it stands', async () => {
    const house = await openUpstreams({})
    const refused = [
      odd([], { env: { GITHUB_TOKEN: 'abcdefgh' } }),
      odd([], { env: { X: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789' } }),
      odd(['--api-key', 'abcdefgh']),
      { transport: 'http', url: 'https://user:password@search.example/mcp' },
      { transport: 'http', url: 'https://search.example/mcp?api_key=abcdefgh' },
      { transport: 'http', url: 'https://search.example/mcp', headers: { Authorization: 'Bearer abcdefgh' } },
    ]

    for (const definition of refused) {
      const fault = await faultOf(add(house, 'new', definition))
      expect(fault).toMatchObject({ code: 'invalid', details: [expect.anything()] })
      expect(fault.message).not.toContain('abcdefgh')
    }
    expect(await house.operate('upstream_list')).toMatchObject({ upstreams: [] })
  })

  it('is refused where it cannot work', async () => {
    const house = await openUpstreams({})

    expect(await faultOf(add(house, 'new', { transport: 'stdio' }))).toMatchObject({
      code: 'invalid',
      details: [{ path: '/command' }],
    })
    expect(await faultOf(add(house, 'new', { transport: 'http', url: 'file:///etc/passwd' }))).toMatchObject({ code: 'invalid' })
    expect(await faultOf(add(house, 'a__b', odd()))).toMatchObject({ code: 'invalid', details: [{ path: '/alias' }] })
    expect(await faultOf(add(house, 'new', { ...odd(), idleTimeoutMs: 1 }))).toMatchObject({
      code: 'invalid',
      details: [{ path: '/idleTimeoutMs' }],
    })
    expect(await faultOf(add(house, 'new', odd(['--token', `\${env:TOKEN}`])))).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('in env and headers only'),
    })
  })

  it('may be imported from another program, what cannot be added is skipped with its reason', async () => {
    const house = await openUpstreams({ taken: odd() })
    const json = JSON.stringify({
      mcpServers: {
        'My Server': { ...odd(), alwaysAllow: ['x'] },
        taken: odd(),
        secret: odd([], { env: { API_KEY: 'abcdef123456' } }),
        old: { type: 'sse', url: 'http://127.0.0.1:9/sse', disabled: true },
        windsurf: { serverUrl: 'https://w.example/mcp', headers: { Authorization: `Bearer \${env:TOKEN}` }, disabled: true },
        gemini: { httpUrl: 'https://g.example/mcp', timeout: 5_000, trust: true, disabled: true },
        claude: { type: 'stdio', command: 'x', env: { API_KEY: `\${API_KEY}`, PORT: 8080 }, disabled: true },
        copilot: { type: 'local', command: 'x', tools: ['*'], disabled: true },
        few: { command: 'x', tools: ['search'] },
        editor: { command: 'x', args: [`\${workspaceFolder}`] },
        lost: { command: 'x', env: { WHERE: `\${userHome}/x` } },
        new: { type: 'websocket', url: 'https://new.example/' },
      },
    })

    const { added, skipped } = await house.operate('upstream_import', { json })

    expect(added).toEqual(['my-server', 'old', 'windsurf', 'gemini', 'claude', 'copilot'])
    expect(skipped.map(({ name }: any) => name)).toEqual(['taken', 'secret', 'few', 'editor', 'lost', 'new'])
    expect(skipped.slice(3, 5).map(({ reason }: any) => reason)).toEqual([
      expect.stringContaining(`/args/0: \${workspaceFolder} is not looked up here`),
      expect.stringContaining(`/env/WHERE: \${userHome} means nothing here`),
    ])
    const { definition } = await house.operate('upstream_get', { alias: 'claude' })
    expect(definition.env).toEqual({ API_KEY: `\${env:API_KEY}`, PORT: '8080' })
    await house.until('my-server', 'connected')
    expect(await house.operate('upstream_get', { alias: 'old' })).toMatchObject({ transport: 'sse', state: 'disabled' })
    expect(await faultOf(add(house, 'bad', { transport: 'sse', url: 'https://old.example/', era: 'stateless' }))).toMatchObject({
      details: [{ path: '/era' }],
    })
    expect(await faultOf(house.operate('upstream_import', { json: '{' }))).toMatchObject({ code: 'invalid' })
  })

  it.each(['servers', 'context_servers'])(
    'may be imported under the name %s, with what was asked of a user as a secret',
    async (name) => {
      const house = await openUpstreams({})
      const server = { type: 'http', url: 'https://v.example/mcp', headers: { 'X-Key': `\${input:search-Key}` }, disabled: true }

      const { added } = await house.operate('upstream_import', {
        json: JSON.stringify({ inputs: [], [name]: { search: server } }),
      })

      expect(added).toEqual(['search'])
      const { definition } = await house.operate('upstream_get', { alias: 'search' })
      expect(definition.headers).toEqual({ 'x-key': `\${secret:search-key}` })
    },
  )
})

describe('a secret', () => {
  it('comes from the environment, a file or a command, anew at each connect, and shows nowhere', async () => {
    vi.stubEnv('TEST_UPSTREAM_TOKEN', 'from-the-environment')
    const file = join(folder, 'secret')
    writeFileSync(file, 'from-a-file\n')
    const house = await openUpstreams({
      odd: odd([], {
        shared: true,
        env: { A_TOKEN: `\${ENV:TEST_UPSTREAM_TOKEN}`, B_TOKEN: `x-\${FILE:${file}}` },
        passwordCommand: { C_TOKEN: [process.execPath, '-e', 'console.log(["from", "a", "command"].join("-"))'] },
      }),
    })
    await house.until('odd', 'connected')

    const environment = await readEnvironment(house)
    expect(environment).toMatchObject({ A_TOKEN: 'from-the-environment', B_TOKEN: 'x-from-a-file', C_TOKEN: 'from-a-command' })
    expect(environment).not.toHaveProperty('TEST_UPSTREAM_TOKEN')
    expect(JSON.parse(await house.callText('odd__environment'))).toMatchObject({
      ...{ A_TOKEN: '[redacted]', B_TOKEN: 'x-[redacted]', C_TOKEN: '[redacted]' },
    })

    writeFileSync(file, 'was-rotated')
    await house.operate('upstream_restart', { alias: 'odd' })
    expect(await readEnvironment(house)).toMatchObject({ B_TOKEN: 'x-was-rotated' })
    const shown = JSON.stringify([
      await house.operate('upstream_get', { alias: 'odd' }),
      await house.operate('upstream_logs', { alias: 'odd' }),
      house.lines,
    ])
    expect(shown).not.toMatch(/from-the-environment|from-a-file|from-a-command|was-rotated/)
  })

  it('comes from a file of variables, which the definition goes before', async () => {
    const file = join(folder, 'variables')
    writeFileSync(file, '# of the server\nexport A_TOKEN="from-the-file"\nWHERE=there\nMODE=production\n')
    const house = await openUpstreams({ odd: odd([], { envFile: file, env: { WHERE: 'here' } }) })
    await house.until('odd', 'connected')

    expect(await readEnvironment(house)).toMatchObject({ A_TOKEN: 'from-the-file', WHERE: 'here', MODE: 'production' })
    expect(JSON.parse(await house.callText('odd__environment'))).toMatchObject({ A_TOKEN: '[redacted]', MODE: 'production' })

    rmSync(file)
    await house.operate('upstream_restart', { alias: 'odd' }).catch(() => undefined)
    await house.until('odd', 'error')
    expect((await house.operate('upstream_get', { alias: 'odd' })).lastError).toContain(`envFile needs the file ${file}`)
  })

  it('becomes a header over HTTP', async () => {
    vi.stubEnv('TEST_UPSTREAM_TOKEN', 'from-the-environment')
    const server = await startHttpUpstream({ sessions: 'none' })
    const house = await openUpstreams({
      http: { url: server.url, headers: { Authorization: `Bearer \${ENV:TEST_UPSTREAM_TOKEN}` } },
    })
    await house.until('http', 'connected')

    expect(server.requests.map(({ headers }) => headers.authorization)).toContain('Bearer from-the-environment')
    expect(JSON.parse(await house.callText('http__headers'))).toMatchObject({ authorization: 'Bearer [redacted]' })
    await house.close()
    await server.stop()
  })

  it('that is missing is a connect error that names it', async () => {
    const house = await openUpstreams({
      env: odd([], { env: { A_TOKEN: `\${ENV:NO_SUCH_VARIABLE}` } }),
      file: odd([], { env: { A_TOKEN: `\${FILE:/no/such/file}` } }),
      command: odd([], { passwordCommand: { A_TOKEN: [process.execPath, '-e', 'console.log("half"); process.exit(4)'] } }),
    })

    expect((await house.until('env', 'error')).lastError).toContain('A_TOKEN needs the environment variable NO_SUCH_VARIABLE')
    expect((await house.until('file', 'error')).lastError).toContain('/no/such/file')
    const { lastError } = await house.until('command', 'error')
    expect(lastError).toContain('The command of A_TOKEN failed (4)')
    expect(lastError).not.toContain('half')
  })

  it('that a server prints is hidden in its log', async () => {
    vi.stubEnv('TEST_UPSTREAM_TOKEN', 'do-not-show-me')
    const script = 'console.error("my token is " + process.env.A_TOKEN); process.exit(1)'
    const house = await openUpstreams({
      odd: { command: 'node', args: ['-e', script], env: { A_TOKEN: `\${ENV:TEST_UPSTREAM_TOKEN}` } },
    })

    const { lastError } = await house.until('odd', 'error')
    const { lines } = await house.operate('upstream_logs', { alias: 'odd' })

    expect(lastError).toContain('my token is [redacted]')
    expect(JSON.stringify(lines)).not.toContain('do-not-show-me')
  })
})

describe('a process that a killed gateway left behind', () => {
  it('is ended by the next start, and one that only has its id is not', async () => {
    const dataDir = mkdtempSync(join(folder, 'data-'))
    const first = await openUpstreams({ odd: odd() }, {}, { dataDir })
    await first.until('odd', 'connected')
    const children = join(dataDir, 'upstream-children')
    const [pid] = readdirSync(children)
    const began = readFileSync(join(children, pid!), 'utf8')
    writeFileSync(join(children, String(process.pid)), 'another time')

    const second = await openUpstreams({ odd: odd([], { enabled: false }) }, {}, { dataDir })

    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow(), { timeout: 5_000 })
    expect(began).toMatch(/^\d+$/)
    expect(second.lines.find(({ event }) => event === 'upstream.orphans_ended')?.fields).toMatchObject({ processes: 1 })
  })
})
