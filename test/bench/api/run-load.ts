import { fileURLToPath } from 'node:url'
import { runToEnd } from '../child.ts'

/** Where calls go, and how each is written. */
export interface Target {
  readonly port: number
  /** Request line and headers, each with its line end. */
  readonly head: string
  readonly body: string
  /** What every right answer holds. */
  readonly wanted: string
}

/** What the load generator is to do. */
export interface Load extends Target {
  /** Connections, each with one call in flight. */
  readonly inFlight: number
  /** Calls before the measured ones, for compilers and pools. */
  readonly warmUpMs: number
  readonly durationMs: number
}

/** What it saw. */
export interface LoadResult {
  readonly calls: number
  readonly callsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Run the load in a process of its own. @throws Error when a single call failed */
export async function runLoad(load: Load): Promise<LoadResult> {
  const file = fileURLToPath(new URL('process/load.ts', import.meta.url))
  return JSON.parse(await runToEnd([file, JSON.stringify(load)], load.warmUpMs + load.durationMs + 30_000)) as LoadResult
}
