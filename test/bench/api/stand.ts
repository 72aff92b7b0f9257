import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, runToEnd, startChild } from '../child.ts'
import { freePort } from '../mcp/free-port.ts'
import { answersOk, until } from '../mcp/until.ts'
import type { Target } from './run-load.ts'

/** `bare` the API itself; `proxy` a plain Fastify + undici proxy; `tool` and `pass` the gateway, as a tool and in the API's own shape. */
export const LEGS = ['bare', 'proxy', 'tool', 'pass'] as const

export type LegName = (typeof LEGS)[number]

const MAIN = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url))
const scriptOf = (name: string): string => fileURLToPath(new URL(`process/${name}.ts`, import.meta.url))
const DOCUMENT = (serverUrl: string): string => `openapi: 3.1.0
info: { title: Items, version: '1' }
servers: [{ url: '${serverUrl}' }]
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        '200':
          description: One
          content: { application/json: { schema: { type: object, properties: { id: { type: integer }, name: { type: string } } } } }
`

/** Start the API, the proxy, and a gateway with one front and one worker as `gatehouse start` makes them. */
export async function startStand(dir: string): Promise<Readonly<Record<LegName, Target>>> {
  const token = randomBytes(24).toString('base64url')
  const api = await startOn('bare-api', token)
  const proxy = await startOn('plain-proxy', String(api), token)
  const gateway = await startGateway(dir, api)
  await gateway.register(`http://127.0.0.1:${api}`, token)
  const bearer = (key: string): string => `host: bench\r\nauthorization: Bearer ${key}\r\n`
  const json = 'content-type: application/json\r\n'
  const wanted = '"name":"item 7"'
  return {
    bare: { port: api, head: `GET /items/7 HTTP/1.1\r\n${bearer(token)}`, body: '', wanted },
    proxy: { port: proxy, head: `POST /call HTTP/1.1\r\n${bearer(token)}${json}`, body: '{"id":7}', wanted },
    tool: {
      port: gateway.port,
      head: `POST /api/tools/bench/getItem HTTP/1.1\r\n${bearer(gateway.agentToken).replace('host: bench', `host: 127.0.0.1:${gateway.port}`)}${json}`,
      body: '{"id":7}',
      wanted,
    },
    pass: {
      port: gateway.port,
      head: `GET /api/x/bench/items/7 HTTP/1.1\r\n${bearer(gateway.agentToken).replace('host: bench', `host: 127.0.0.1:${gateway.port}`)}`,
      body: '',
      wanted,
    },
  }
}

async function startOn(name: string, ...args: readonly string[]): Promise<number> {
  const [, port] = await startChild([scriptOf(name), ...args]).line(/^port (\d+)$/m)
  return Number(port)
}

interface Gateway {
  readonly port: number
  readonly agentToken: string
  register(serverUrl: string, token: string): Promise<void>
}

async function startGateway(dir: string, apiPort: number): Promise<Gateway> {
  const configFile = join(dir, 'gatehouse.toml')
  await writeFile(configFile, `[[egress.allow]]\nhost = "127.0.0.1"\nhttp = true\nports = [${apiPort}]\n`)
  const options = ['--config', configFile, '--data', join(dir, 'data')]
  const key = (): string => randomBytes(48).toString('base64url')
  const env = { ...process.env, SECRET_KEY_BASE: key(), COOKIE_SALT: key(), ACCESS_CONTROL_KEY: key() }
  const tokenOf = async (name: string, role: string): Promise<string> => {
    await runToEnd([MAIN, 'user', 'create', name, '--role', role, ...options], 20_000, env)
    return JSON.parse(await runToEnd([MAIN, 'token', 'create', '--user', name, '--json', ...options], 20_000, env)).token
  }
  const adminToken = await tokenOf('chief', 'admin')
  const agentToken = await tokenOf('bench', 'agent')
  const port = await freePort()
  const child: Child = startChild([MAIN, 'start', ...options, '--port', String(port)], env)
  await Promise.race([answersOk(`http://127.0.0.1:${port}/ready`), child.ended])
  return { port, agentToken, register: (serverUrl, token) => register(port, { adminToken, agentToken }, serverUrl, token) }
}

/** With a bearer token out of the secret store, as an operator would; and waits until a worker has made the first call. */
async function register(
  port: number,
  { adminToken, agentToken }: { readonly adminToken: string; readonly agentToken: string },
  serverUrl: string,
  token: string,
): Promise<void> {
  const post = async (path: string, body: unknown, by = adminToken): Promise<string> => {
    const headers = { authorization: `Bearer ${by}`, 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`)
    return text
  }
  await post('/secrets', { name: 'bench', value: token })
  const credential = { kind: 'bearer', valueFrom: 'secret:bench' }
  await post('/apis', { alias: 'bench', document: DOCUMENT(serverUrl), credential })
  await until('the first call', async () => (await post('/tools/bench/getItem', { id: 7 }, agentToken)).includes('item 7'))
}
