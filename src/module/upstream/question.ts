import type { Effect } from '../../contract/tool.ts'
import type { Visit } from '../../contract/visit.ts'
import type { Task } from './tasks.ts'

/** MCP `params`. */
export type Params = Readonly<Record<string, unknown>>

/** Whether a tool answers with tasks where it is asked to, or only so (MCP 2025-11-25). */
export type TaskSupport = 'optional' | 'required'

/** What a server is asked in the name of a visit. */
export interface Question {
  readonly method: string
  readonly effect: Effect
  /** May be asked twice with the effect of once. */
  readonly idempotent: boolean
  readonly idleTimeoutMs: number
  readonly maxTimeoutMs: number
  /** What it is asked with, besides what the client sent along. */
  params(visit: Visit): Params
  /** HTTP headers of it, for a server of the stateless era. */
  headers?(visit: Visit): Readonly<Record<string, string>> | undefined
  /** It may, or can only, be answered with a task (MCP 2025-11-25). */
  readonly taskSupport?: TaskSupport | undefined
  /** The task that it is about. */
  readonly task?: Task
  /** The line that it must go over, where the server knows of what it asks only there. */
  readonly lineKey?: string
}
