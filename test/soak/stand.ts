import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { runToEnd } from '../bench/child.ts'
import { type Running, startGatehouse } from '../cli/running.ts'
import type { Target } from './load.ts'

/** A whole gateway under soak. */
export interface Stand extends Target {
  readonly running: Running
}

const NUMBERS = { type: 'object', required: ['numbers'], properties: { numbers: { type: 'array', items: { type: 'number' } } } }

/** Functions that the load calls. */
const FUNCTIONS = [
  {
    name: 'total',
    effect: 'read',
    inputSchema: NUMBERS,
    source: 'export default ({ numbers }) => ({ total: numbers.reduce((a, b) => a + b, 0) })',
  },
  {
    name: 'relay',
    effect: 'read',
    inputSchema: NUMBERS,
    keys: ['tool:fn__total'],
    source: "export default (input, { tools }) => tools.call('fn__total', input)",
  },
  {
    name: 'broken',
    effect: 'read',
    inputSchema: { type: 'object' },
    source: "export default () => { throw new Error('as it should') }",
  },
]

/** Start a gateway with everything on a folder, and publish the functions. */
export async function startStand(dir: string): Promise<Stand> {
  const keys = { SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
  await writeFile(join(dir, 'gatehouse.toml'), configuration())
  const flags = ['--config', join(dir, 'gatehouse.toml'), '--data', join(dir, 'data')]
  const tell = (...args: string[]) => runToEnd(['dist/src/main.js', ...args, ...flags], 20_000, { ...process.env, ...keys })
  await tell('user', 'create', 'soak', '--role', 'admin')
  const { token } = JSON.parse(await tell('token', 'create', '--user', 'soak', '--json')) as { token: string }
  const running = await startGatehouse([...flags, '--port', '0'], dir, keys)
  const { url } = running
  for (const { name, ...definition } of FUNCTIONS) {
    await post(`${url}/api/functions`, token, { name, ...definition })
    await post(`${url}/api/functions/${name}/versions`, token, {})
  }
  return { url, token, running }
}

async function post(url: string, token: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  await response.text()
}

function configuration(): string {
  const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js')
  return `
[upstream.servers.everything]
transport = "stdio"
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(everything)}, "stdio"]
shared = true
`
}

const newKey = (): string => randomBytes(48).toString('base64url')
