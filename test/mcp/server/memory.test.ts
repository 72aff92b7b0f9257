import { Agent, request as httpRequest } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { ask, hello } from './client.ts'
import { exposeCollector } from './expose-collector.ts'
import { openProcesses } from './processes.ts'
import { serveWorld } from './world.ts'

const SESSIONS = 1_000

/** Room for one idle session on the heap, in bytes. */
const HEAP_PER_SESSION_BYTES = 4_096

it('An idle session takes little of the heap', async () => {
  const collect = exposeCollector()
  const { url, server } = await serveWorld()
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  onTestFinished(() => agent.destroy())
  await openSessions(url, agent, 50)
  collect()
  const before = process.memoryUsage().heapUsed

  await openSessions(url, agent, SESSIONS)
  collect()

  expect(server.sessions).toBe(SESSIONS + 50)
  expect((process.memoryUsage().heapUsed - before) / SESSIONS).toBeLessThan(HEAP_PER_SESSION_BYTES)
})

it('An idle session that outlived its process takes as little', async () => {
  const collect = exposeCollector()
  const { start, written } = await openProcesses()
  const first = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  onTestFinished(() => agent.destroy())
  const ids = await openSessions(first.url, agent, SESSIONS + 50)
  await written(SESSIONS + 50)
  await first.server.close(0)
  const { url, server } = await start()
  const takeUp = async (some: readonly string[]): Promise<void> => {
    for (const id of some) {
      const body = { jsonrpc: '2.0', id: 1, method: 'ping' }
      expect((await ask(url, 'alice-token', { body, headers: { 'mcp-session-id': id } })).status).toBe(200)
    }
  }
  await takeUp(ids.slice(0, 50))
  collect()
  const before = process.memoryUsage().heapUsed

  await takeUp(ids.slice(50))
  collect()

  expect(server.sessions).toBe(SESSIONS + 50)
  expect((process.memoryUsage().heapUsed - before) / SESSIONS).toBeLessThan(HEAP_PER_SESSION_BYTES)
})

async function openSessions(url: string, agent: Agent, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let opened = 0; opened < count; opened += 1) ids.push(await initialize(url, agent))
  return ids
}

/** @returns the session's id */
function initialize(url: string, agent: Agent): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer alice-token',
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume().once('end', () => resolve(String(incoming.headers['mcp-session-id'])))
    })
    outgoing.once('error', reject).end(JSON.stringify(hello()))
  })
}
