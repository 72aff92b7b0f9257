import type { AttemptRow } from '../../contract/queue.ts'

/** An attempt and where it lies within its job's life, in permille. */
export interface AttemptBar extends AttemptRow {
  readonly durationMs: number
  readonly x: number
  readonly width: number
}

/** A job's attempts on one scale, from when it was added until its last one ended (or now); never too thin to see. Pure. */
export function attemptBars(createdAt: number, attempts: readonly AttemptRow[], nowMs: number): readonly AttemptBar[] {
  const endOf = ({ endedAt }: AttemptRow) => endedAt ?? nowMs
  const spanMs = Math.max(1, ...attempts.map((attempt) => endOf(attempt) - createdAt))
  return attempts.map((attempt) => {
    const durationMs = Math.max(0, endOf(attempt) - attempt.startedAt)
    const width = Math.min(1_000, Math.max(4, Math.round((1_000 * durationMs) / spanMs)))
    const x = Math.round((1_000 * (attempt.startedAt - createdAt)) / spanMs)
    return { ...attempt, durationMs, width, x: Math.max(0, Math.min(1_000 - width, x)) }
  })
}
