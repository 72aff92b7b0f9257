import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd, startChild } from '../../bench/child.ts'
import { startGatehouse } from '../../cli/running.ts'
import type { Stand } from '../stand.ts'

const FIXTURE = fileURLToPath(new URL('../../fixture/conformance-upstream.ts', import.meta.url))

/** Start a gateway on a folder, with the fixture behind it in either era. The fixtures end with this process. */
export async function startMcpStand(dir: string): Promise<Stand> {
  const keys = { SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
  const tables = await Promise.all((['session', 'stateless'] as const).map(tableFor))
  const limits = '[http.mcp]\nmaxSessions = 4000\nmaxSessionsPerCaller = 4000\n'
  await writeFile(join(dir, 'gatehouse.toml'), [...tables, limits].join('\n'))
  const flags = ['--config', join(dir, 'gatehouse.toml'), '--data', join(dir, 'data')]
  const tell = (...args: string[]) => runToEnd(['dist/src/main.js', ...args, ...flags], 20_000, { ...process.env, ...keys })
  await tell('user', 'create', 'soak', '--role', 'agent')
  const { token } = JSON.parse(await tell('token', 'create', '--user', 'soak', '--json')) as { token: string }
  const running = await startGatehouse([...flags, '--port', '0'], dir, keys)
  return { url: running.url, token, running }
}

async function tableFor(era: 'session' | 'stateless'): Promise<string> {
  const [, url] = await startChild([FIXTURE, '--era', era]).line(/"url":"([^"]+)"/)
  return `[upstream.servers.${era}]\ntransport = "http"\nurl = "${url}"\nera = "${era}"\nmaxSessions = 2000\nmaxConcurrency = 256\n`
}

const newKey = (): string => randomBytes(48).toString('base64url')
