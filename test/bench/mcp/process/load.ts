import { percentile } from '../../statistics.ts'
import { type McpSession, openSession } from '../mcp-session.ts'
import { connectRaw, type RawConnection } from '../raw-connection.ts'
import type { Load, LoadResult } from '../run-load.ts'

interface Line {
  readonly connection: RawConnection
  readonly session: McpSession
}

/** Opened this many at a time, so that opening them is not what is measured. */
const OPEN_AT_ONCE = 20

async function openLines({ sessions, target }: Load): Promise<Line[]> {
  const lines: Line[] = []
  const port = Number(new URL(target.url).port)
  while (lines.length < sessions) {
    const count = Math.min(OPEN_AT_ONCE, sessions - lines.length)
    const opening = Array.from({ length: count }, async () => {
      const connection = connectRaw(port)
      return { connection, session: await openSession(connection, target) }
    })
    lines.push(...(await Promise.all(opening)))
  }
  return lines
}

/** Every line calls as fast as it is answered until the time is up. */
async function callFor(lines: readonly Line[], durationMs: number): Promise<{ latenciesMs: Float64Array; elapsedMs: number }> {
  const latenciesMs: number[] = []
  const startMs = performance.now()
  const endMs = startMs + durationMs
  const callAway = async ({ session }: Line) => {
    for (let beganMs = performance.now(); beganMs < endMs; ) {
      await session.call()
      const nowMs = performance.now()
      latenciesMs.push(nowMs - beganMs)
      beganMs = nowMs
    }
  }
  await Promise.all(lines.map(callAway))
  return { latenciesMs: Float64Array.from(latenciesMs).sort(), elapsedMs: performance.now() - startMs }
}

async function measure(load: Load): Promise<LoadResult> {
  const lines = await openLines(load)
  await callFor(lines, load.warmUpMs)
  const { latenciesMs, elapsedMs } = await callFor(lines, load.durationMs)
  await Promise.all(lines.map(({ session }) => session.end()))
  for (const { connection } of lines) connection.close()
  return {
    calls: latenciesMs.length,
    callsPerSecond: (latenciesMs.length / elapsedMs) * 1000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  }
}

// Any failed call rejects, and the process ends with an error instead of a number.
process.stdout.write(`${JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}')))}\n`)
