import { connectRaw } from '../../mcp/raw-connection.ts'
import { percentile } from '../../statistics.ts'
import type { Load, LoadResult } from '../run-load.ts'

/** Every connection calls as fast as it is answered until the time is up. @throws Error for a wrong answer */
async function callFor({ port, head, body, wanted }: Load, lines: readonly ReturnType<typeof connectRaw>[], durationMs: number) {
  const latenciesMs: number[] = []
  const startMs = performance.now()
  const endMs = startMs + durationMs
  const callAway = async (connection: ReturnType<typeof connectRaw>): Promise<void> => {
    for (let beganMs = performance.now(); beganMs < endMs; ) {
      const answer = await connection.send(head, body)
      if (!answer.body.includes(wanted)) throw new Error(`port ${port} answered ${answer.body.slice(0, 300)}`)
      const nowMs = performance.now()
      latenciesMs.push(nowMs - beganMs)
      beganMs = nowMs
    }
  }
  await Promise.all(lines.map(callAway))
  return { latenciesMs: Float64Array.from(latenciesMs).sort(), elapsedMs: performance.now() - startMs }
}

async function measure(load: Load): Promise<LoadResult> {
  const lines = Array.from({ length: load.inFlight }, () => connectRaw(load.port))
  await callFor(load, lines, load.warmUpMs)
  const { latenciesMs, elapsedMs } = await callFor(load, lines, load.durationMs)
  for (const line of lines) line.close()
  return {
    calls: latenciesMs.length,
    callsPerSecond: (latenciesMs.length / elapsedMs) * 1_000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  }
}

// Any failed call rejects, and the process ends with an error instead of a number.
process.stdout.write(`${JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}') as Load))}\n`)
