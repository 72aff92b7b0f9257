import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Running, runGatehouse, startGatehouse } from './running.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-boot-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const keys = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }

const run = (args: string[], { env = keys, input = '' }: { env?: Record<string, string>; input?: string } = {}) =>
  runGatehouse(args, { cwd: folder, env, input })

describe('the start is refused in one sentence that leads out', () => {
  test.each(Object.keys(keys))('without %s', async (name) => {
    const { code, stderr, stdout } = await run(['start'], { env: { ...keys, [name]: '' } })

    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^gatehouse: ${name} is missing: .*gatehouse init`))
    expect(stdout).toBe('')
  })

  test('with a short key, which is not shown', async () => {
    const { code, stderr } = await run(['start'], { env: { ...keys, COOKIE_SALT: 'short-one' } })

    expect(code).toBe(1)
    expect(stderr).toMatch(/^gatehouse: COOKIE_SALT has 9 characters; at least 32 were expected/)
    expect(stderr).not.toContain('short-one')
  })

  test('with an unknown key in the file', async () => {
    writeFileSync(join(folder, 'gatehouse.toml'), '[http]\nporrt = 1\n')

    const { code, stderr } = await run(['start'])

    expect(code).toBe(1)
    expect(stderr).toMatch(/gatehouse\.toml: \[http\] porrt: there is no key by this name\. Did you mean port\?/)
  })

  test('on an address that others can reach, until somebody answers for encryption', async () => {
    const refused = await run(['check', '--config', write('[http]\nhost = "0.0.0.0"\n')])
    const acknowledged = await run(['check', '--config', write('[http]\nhost = "0.0.0.0"\nacknowledgeNoTls = true\n')])

    expect(refused.stderr).toMatch(
      /^gatehouse: \[http\] host is 0\.0\.0\.0, which other machines can reach.*acknowledgeNoTls = true/,
    )
    expect(refused.code).toBe(1)
    expect(acknowledged.code).toBe(0)
  })

  test('with a store that a newer program wrote', async () => {
    await run(['check', '--data', 'data'])
    const store = new BetterSqlite3(join(folder, 'data', 'access.sqlite'))
    store.prepare("insert into gatehouse_migration values (999, 'from the future', 1)").run()
    store.close()

    const { code, stderr } = await run(['start', '--data', 'data'])

    expect(code).toBe(1)
    expect(stderr).toMatch(/access\.sqlite was written by a newer Gatehouse/)
  })

  test('on a data folder that cannot be written', async () => {
    mkdirSync(join(folder, 'data', 'gatehouse.pid'), { recursive: true })

    const { code, stderr } = await run(['start', '--data', 'data'])

    expect(code).toBe(1)
    expect(stderr).toMatch(/The data folder \S+data cannot be written \(EISDIR\)\. Check that/)
  })

  test('with a store that is not as it was left', async () => {
    await run(['check', '--data', 'data'])
    const store = new BetterSqlite3(join(folder, 'data', 'audit.sqlite'))
    store.exec('drop table tally')
    store.close()

    const { code, stderr } = await run(['start', '--data', 'data'])

    expect(code).toBe(1)
    expect(stderr).toMatch(/audit\.sqlite: SQLite could not use it \(SQLITE_ERROR\)\.$/m)
    expect(stderr).not.toContain('node_modules')
  })

  test('on a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
    const { port } = other.address() as { port: number }

    const { code, stderr } = await run(['start', '--port', String(port)])

    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`gatehouse: Port ${port} on 127\\.0\\.0\\.1 is taken`))
    other.close()
  })

  const write = (toml: string): string => {
    const file = join(folder, 'gatehouse.toml')
    writeFileSync(file, toml)
    return file
  }
})

test('init makes keys, a configuration and an administrator once, and a token works at the gateway it starts', async () => {
  const first = await run(['init'], { env: {} })
  const second = await run(['init'], { env: {} })
  const token = await run(['token', 'create', '--user', 'admin', '--label', 'test', '--json'], { env: {} })
  const gatehouse = await startGatehouse(['--config', join(folder, 'gatehouse.toml'), '--port', '0'], folder)
  try {
    const response = await fetch(`${gatehouse.url}/api/users`, {
      headers: { authorization: `Bearer ${JSON.parse(token.stdout).token}` },
    })

    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/administrator admin/i)
    expect(statSync(join(folder, 'data', 'keys.env')).mode & 0o777).toBe(0o600)
    expect(second.stderr + second.stdout).toMatch(/already/)
    expect(response.status).toBe(200)
  } finally {
    await gatehouse.stop()
  }
})

test('a user that the command line makes while the gateway runs can sign in at once', async () => {
  await run(['init'], { env: {} })
  const gatehouse = await startGatehouse(['--config', join(folder, 'gatehouse.toml'), '--port', '0'], folder)
  try {
    const made = await run(['user', 'create', 'ada', '--role', 'viewer', '--password-stdin'], {
      env: {},
      input: 'correct horse battery staple\n',
    })
    const token = await run(['token', 'create', '--user', 'ada', '--json'], { env: {} })
    const headers = { authorization: `Bearer ${JSON.parse(token.stdout).token}` }

    expect(made.code).toBe(0)
    expect((await fetch(`${gatehouse.url}/api/upstreams`, { headers })).status).toBe(200)
    expect(
      (
        await fetch(`${gatehouse.url}/api/users`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(403)
  } finally {
    await gatehouse.stop()
  }
})

describe('a running gateway', () => {
  let gatehouse: Running

  beforeEach(async () => {
    await run(['init'], { env: {} })
    gatehouse = await startGatehouse(['--config', join(folder, 'gatehouse.toml'), '--port', '0'], folder)
  })
  afterEach(() => gatehouse.stop())

  test('listens on loopback, is ready, and ends with code 0 on TERM', async () => {
    expect(gatehouse.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${gatehouse.url}/ready`)).status).toBe(200)
    expect((await fetch(`${gatehouse.url}/health`)).status).toBe(200)

    expect(await gatehouse.stop()).toBe(0)
    expect(existsSync(join(folder, 'data', 'access.sqlite'))).toBe(true)
  })

  test('writes nothing to standard output and one JSON object per line to standard error', async () => {
    await gatehouse.stop()

    expect(gatehouse.stdout()).toBe('')
    const lines = gatehouse
      .stderr()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string })
    expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining(['gatehouse.ready', 'gatehouse.stopped']))
  })
})
