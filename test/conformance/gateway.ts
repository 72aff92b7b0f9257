import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, runToEnd, startChild } from '../bench/child.ts'

/** A whole gateway in processes of its own, run from its sources. */
export interface Gateway {
  readonly child: Child
  readonly url: string
  readonly token: string
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Long enough for a machine that does other things besides. */
const COMMAND_MS = 30_000

/** Real servers take a while to start, one beside the other. */
const CONNECT_MS = 60_000

/** What an upstream's table in `gatehouse.toml` holds. */
export type UpstreamTable = Readonly<Record<string, unknown>>

/** Start one with a user of a role under `dir`, and wait until the upstreams are connected. */
export async function startGateway(
  dir: string,
  role: string,
  upstreams: Readonly<Record<string, UpstreamTable>>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const flags = ['--config', join(dir, 'gatehouse.toml'), '--data', join(dir, 'data')]
  const env = { ...process.env, ...variables, SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
  await writeFile(join(dir, 'gatehouse.toml'), Object.entries(upstreams).map(tableOf).join('\n'))
  await runToEnd([MAIN, 'user', 'create', 'suite', '--role', role, ...flags], COMMAND_MS, env)
  const made = await runToEnd([MAIN, 'token', 'create', '--user', 'suite', '--json', ...flags], COMMAND_MS, env)
  const child = startChild([MAIN, 'start', '--port', '0', ...flags], env)
  const [, url] = await child.line(/"url":"(http:\/\/127\.0\.0\.1:\d+)".*gatehouse\.ready/)
  await Promise.all(Object.keys(upstreams).map((alias) => connected(child, alias))).catch(async (thrown) => {
    await child.stop()
    throw thrown
  })
  return { child, url: url!, token: (JSON.parse(made) as { token: string }).token }
}

async function connected(child: Child, alias: string): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${alias} was not connected in ${CONNECT_MS} ms`)), CONNECT_MS)
  const said = child.line(new RegExp(`"alias":"${alias}".*"event":"upstream\\.(connected|definition_refused)"`))
  const [line, event] = await Promise.race([said, late]).finally(() => clearTimeout(timer))
  if (event !== 'connected') throw new Error(line)
}

/** TOML's inline values are JSON's, but for tables. */
function tableOf([alias, table]: [string, UpstreamTable]): string {
  const lines = Object.entries(table).map(([key, value]) => `${key} = ${inline(value)}`)
  return `[upstream.servers.${JSON.stringify(alias)}]\n${lines.join('\n')}\n`
}

function inline(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value)
  return `{ ${Object.entries(value)
    .map(([key, field]) => `${JSON.stringify(key)} = ${inline(field)}`)
    .join(', ')} }`
}

const newKey = (): string => randomBytes(48).toString('base64url')
