import type { ProcessState } from '../contract/process.ts'

/** What a front asks of its supervisor, once it has read the configuration and opened the stores: the supervisor reads neither. */
export interface Plan {
  readonly kind: 'plan'
  /** How many worker processes are wanted. */
  readonly workers: number
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Longest that the front needs to stop in order, in ms. */
  readonly stopMs: number
}

/** A child does its work. */
interface Ready {
  readonly kind: 'ready'
  /** Arguments to add when it is started again, e.g. the port that it was given by the system. */
  readonly again?: readonly string[]
}

/** What a child tells its supervisor. */
export type ChildMessage = Plan | Ready

/** What a supervisor tells the front whenever it changes, and every two seconds. */
export interface ProcessesMessage {
  readonly kind: 'processes'
  readonly processes: readonly ProcessState[]
}

/**
 * A child's message, or undefined for anything else.
 *
 * Judged by hand: loading zod would add a quarter to the supervisor's memory, and both ends are one program.
 */
export function asChildMessage(raw: unknown): ChildMessage | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  const message = raw as Partial<Plan> | Partial<Ready>
  if (message.kind === 'ready') return Array.isArray(message.again ?? []) ? (message as Ready) : undefined
  if (message.kind !== 'plan') return undefined
  const { workers, logLevel, stopMs } = message
  if (!Number.isSafeInteger(workers) || !Number.isSafeInteger(stopMs) || typeof logLevel !== 'string') return undefined
  return message as Plan
}

/** A supervisor's message, or undefined for anything else. */
export function asProcessesMessage(raw: unknown): ProcessesMessage | undefined {
  const message = raw as Partial<ProcessesMessage> | null
  return message?.kind === 'processes' && Array.isArray(message.processes) ? (message as ProcessesMessage) : undefined
}
