/** When a child that ended is started again, and when it is given up. Times in ms. */
export interface RestartPolicy {
  /** Wait before the first restart; doubles with each further one. */
  readonly baseMs: number
  readonly maxMs: number
  /** So long after it was ready, a child begins with a clean slate. */
  readonly healthyMs: number
  /** So many ends within `windowMs` are a crash loop. */
  readonly maxEnds: number
  readonly windowMs: number
  /** How long a worker that worked before rests after a crash loop: the gateway goes on without it. */
  readonly restMs: number
}

/** A killed front is back within a second; one that cannot live is given up within about ten. */
export const RESTART_POLICY: RestartPolicy = {
  baseMs: 100,
  maxMs: 30_000,
  healthyMs: 60_000,
  maxEnds: 5,
  windowMs: 60_000,
  restMs: 60_000,
}

/**
 * What to do after an end.
 *
 * @param ends when it ended since it was last healthy, the newest last
 * @param dice 0 to 1, spreads the wait over its upper half
 * @returns how long to wait in ms, or `give-up`
 */
export function nextStart(ends: readonly number[], policy: RestartPolicy, dice: number): number | 'give-up' {
  const newest = ends.at(-1) ?? 0
  const recent = ends.filter((at) => newest - at < policy.windowMs)
  if (recent.length >= policy.maxEnds) return 'give-up'
  const fullMs = Math.min(policy.baseMs * 2 ** (ends.length - 1), policy.maxMs)
  return Math.round(fullMs * (0.5 + dice / 2))
}
