import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../statistics.ts'
import { type Prepared, startGateway } from './gateway.ts'
import { heapAfterGc, inspect } from './inspector.ts'
import { openSession, type Target } from './mcp-session.ts'
import { connectRaw, type RawConnection } from './raw-connection.ts'

/** What the gateway costs while nobody calls it. */
export interface Footprint {
  /** Start of the process to the first 200 of `/ready`; median. */
  readonly readyMs: number
  /** Resident memory of the front with its upstreams connected, once V8 has given back what starting took. */
  readonly idleRssMb: number
}

/** What one more open session costs. */
export interface SessionCost {
  readonly sessions: number
  readonly heapKb: number
  readonly rssKb: number
}

/** V8 collects some 8 s after the work has ended. */
const QUIET_MS = 15_000

/** Start and stop the gateway some times, and let the last one settle. */
export async function measureFootprint(prepared: Prepared, starts: number): Promise<Footprint> {
  const readyMs: number[] = []
  for (let start = 1; start < starts; start++) {
    const gateway = await startGateway(prepared)
    readyMs.push(gateway.readyMs)
    await gateway.child.stop()
  }
  const settled = await startGateway(prepared)
  await delay(QUIET_MS)
  const idleRssMb = (await rssBytes(settled.child.pid)) / 1e6
  await settled.child.stop()
  return { readyMs: median([...readyMs, settled.readyMs]), idleRssMb }
}

/** Open sessions and leave them alone. A tenth of them is opened before the first look, so that code and pools are not counted as sessions. */
export async function measureSessions(
  prepared: Prepared,
  tool: string,
  sessions: number,
  withStream = false,
): Promise<SessionCost> {
  const gateway = await startGateway(prepared, ['--inspect=127.0.0.1:0'])
  const target = { url: gateway.mcpUrl, token: prepared.token, tool }
  const inspector = await inspect(gateway.child)
  const look = async () => ({ heap: await heapAfterGc(inspector), rss: await rssBytes(gateway.child.pid) })

  const streams: RawConnection[] = []
  const open = (count: number) => openIdle(target, count, withStream ? streams : undefined)

  await open(sessions / 10)
  const before = await look()
  await open(sessions)
  const after = await look()

  for (const stream of streams) stream.close()
  inspector.close()
  await gateway.child.stop()
  return { sessions, heapKb: (after.heap - before.heap) / 1024 / sessions, rssKb: (after.rss - before.rss) / 1024 / sessions }
}

/**
 * Open sessions one after the other over one connection, then close the connection and leave the sessions.
 *
 * @param streams takes a connection per session on which its GET stream is open; none is opened without
 */
async function openIdle(target: Target, count: number, streams?: RawConnection[]): Promise<void> {
  const port = Number(new URL(target.url).port)
  const connection = connectRaw(port)
  for (let opened = 0; opened < count; opened++) {
    const session = await openSession(connection, target)
    if (streams === undefined) continue
    const stream = connectRaw(port)
    streams.push(stream)
    await session.listen(stream)
  }
  connection.close()
}

async function rssBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}
