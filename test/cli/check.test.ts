import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runGatehouse, startGatehouse } from './running.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-check-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const keys = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }
const check = (toml: string, env: Record<string, string> = keys) => {
  writeFileSync(join(folder, 'gatehouse.toml'), toml)
  return runGatehouse(['check'], { cwd: folder, env })
}

test('names every upstream that could not be used, with file and reason', async () => {
  const { code, stderr, stdout } = await check(`
    [upstream.servers.nowhere]
    transport = "http"
    [upstream.servers.nothing]
    transport = "stdio"
    [upstream.servers.typo]
    comand = "node"
    [upstream.servers.leaky]
    url = "https://mcp.example.com/mcp"
    headers = { Authorization = "Bearer abcdefghijklmnop" }
    [upstream.servers.good]
    command = "node"
  `)

  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/gatehouse\.toml: upstream nowhere: .*\/url/)
  expect(stderr).toMatch(/upstream nothing: .*\/command/)
  expect(stderr).toMatch(/upstream typo: /)
  expect(stderr).toMatch(/upstream leaky: \/headers\/authorization: this looks like a secret/)
  expect(stderr).not.toMatch(/upstream good|abcdefghijklmnop/)
})

test('names a section that is written twice', async () => {
  const { code, stderr } = await check('[upstream.servers.one]\ncommand = "a"\n[upstream.servers.one]\ncommand = "b"\n')

  expect(code).toBe(1)
  expect(stderr).toMatch(/gatehouse\.toml is not valid TOML, line 3/)
})

test('warns of a servers file that is not there, and of a server that both name', async () => {
  writeFileSync(join(folder, 'mcp.json'), JSON.stringify({ mcpServers: { one: { command: 'b' } } }))
  const servers = '[upstream.servers.one]\ncommand = "a"\n'

  const missing = await check(servers, { ...keys, MCP_GATEWAY_CONFIG: join(folder, 'none.json') })
  const both = await check(servers, { ...keys, MCP_GATEWAY_CONFIG: join(folder, 'mcp.json') })

  expect(missing).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: serversFile .*none\.json.*ENOENT/) })
  expect(both).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: upstream one is named again in serversFile/) })
})

test('leaves the stores of a running gateway alone, and judges the rest', async () => {
  await check('')
  const gatehouse = await startGatehouse(['--port', '0', '--log-level', 'debug'], folder, keys)
  try {
    expect(await check('')).toMatchObject({ code: 0, stdout: expect.stringContaining('left alone') })
    expect(await check('[upstream.servers.bad]\nurl = "ftp://x"\n')).toMatchObject({ code: 1 })
  } finally {
    await gatehouse.stop()
  }
})
