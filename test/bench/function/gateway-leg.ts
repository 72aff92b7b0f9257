import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd, startChild } from '../child.ts'
import { freePort } from '../mcp/free-port.ts'
import { connectRaw } from '../mcp/raw-connection.ts'
import { answersOk, until } from '../mcp/until.ts'
import type { Leg } from './leg.ts'
import { INPUT, SOURCE } from './workload.ts'

const MAIN = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url))

/** All of it: REST, door, audit, lane, socket, worker process, thread, sandbox and back. One front, one worker. */
export async function gatewayLeg(dir: string): Promise<Leg> {
  const options = ['--data', join(dir, 'data')]
  const key = (): string => randomBytes(48).toString('base64url')
  const env = { ...process.env, SECRET_KEY_BASE: key(), COOKIE_SALT: key(), ACCESS_CONTROL_KEY: key() }
  await runToEnd([MAIN, 'user', 'create', 'bench', '--role', 'developer', ...options], 20_000, env)
  const { token } = JSON.parse(await runToEnd([MAIN, 'token', 'create', '--user', 'bench', '--json', ...options], 20_000, env))
  const port = await freePort()
  const child = startChild([MAIN, 'start', ...options, '--port', String(port)], env)
  await Promise.race([answersOk(`http://127.0.0.1:${port}/ready`), child.ended])
  await publish(`http://127.0.0.1:${port}/api`, token)
  const connection = connectRaw(port)
  const head = `POST /api/tools/fn/bench HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`
  return {
    name: 'end to end through REST',
    runs: 200,
    warmUpRuns: 12_000,
    async run() {
      const { body } = await connection.send(head, INPUT)
      return JSON.stringify(JSON.parse(body).structuredContent)
    },
    async close() {
      connection.close()
      await child.stop()
    },
  }
}

/** Waits for the worker too: publishing compiles there. */
async function publish(api: string, token: string): Promise<void> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(api + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const created = await post('/functions', { name: 'bench', effect: 'read', source: SOURCE })
  if (!created.ok) throw new Error(`the function could not be made: ${await created.text()}`)
  await until('the function to be published', async () => {
    const published = await post('/functions/bench/versions', { note: 'bench' })
    if (published.ok) return true
    throw new Error(await published.text())
  })
}
