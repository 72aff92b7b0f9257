import { fileURLToPath } from 'node:url'
import { runToEnd } from '../child.ts'
import type { Target } from './mcp-session.ts'

/** What the load generator is to do. */
export interface Load {
  readonly target: Target
  /** Sessions, each with its own connection and one call in flight. */
  readonly sessions: number
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
