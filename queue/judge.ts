import type { LanePolicy, Verdict } from '../src/contract/lane.ts'

/** Where a job stands after an attempt. */
export interface JobPatch {
  readonly state: 'scheduled' | 'done' | 'cancelled' | 'dead'
  /** Attempts spent. */
  readonly attempt: number
  /** When it may run again, ms; null once it is final. */
  readonly runAt: number | null
  readonly reason: string | null
}

type Rules = Pick<LanePolicy, 'retryBaseMs' | 'retryMaxMs'>

/**
 * What a verdict makes of a job. Pure: the pump owns the clock and the dice.
 *
 * @param random 0 to 1, for jitter
 */
export function judge(
  job: { readonly attempt: number; readonly maxAttempts: number },
  verdict: Verdict,
  rules: Rules,
  nowMs: number,
  random: number,
): JobPatch {
  const { attempt, maxAttempts } = job
  switch (verdict.kind) {
    case 'done':
      return { state: 'done', attempt, runAt: null, reason: null }
    case 'cancel':
      return { state: 'cancelled', attempt, runAt: null, reason: verdict.reason }
    case 'snooze':
      return { state: 'scheduled', attempt: attempt - 1, runAt: nowMs + verdict.delayMs, reason: null }
    case 'retry':
      return attempt >= maxAttempts
        ? { state: 'dead', attempt, runAt: null, reason: verdict.reason }
        : {
            state: 'scheduled',
            attempt,
            runAt: nowMs + (verdict.afterMs ?? delayMs(attempt, rules, random)),
            reason: verdict.reason,
          }
  }
}

/** Doubles with every attempt up to the limit; half of it is jitter, so that what failed together does not come back together. */
function delayMs(attempt: number, { retryBaseMs, retryMaxMs }: Rules, random: number): number {
  const full = Math.min(retryMaxMs, retryBaseMs * 2 ** (attempt - 1))
  return Math.round(full / 2 + (full / 2) * random)
}
