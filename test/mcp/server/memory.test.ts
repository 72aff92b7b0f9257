import { Agent, request as httpRequest } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import { hello } from './client.ts'
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

async function openSessions(url: string, agent: Agent, count: number): Promise<void> {
  for (let opened = 0; opened < count; opened += 1) await initialize(url, agent)
}

function initialize(url: string, agent: Agent): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer alice-token',
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume().once('end', resolve)
    })
    outgoing.once('error', reject).end(JSON.stringify(hello()))
  })
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  // Twice, because finalizers of the first round free more.
  return () => {
    gc()
    gc()
  }
}
