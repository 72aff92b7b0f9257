const FIRST_MS = 1_000
/** After this long without trouble the next failure counts as the first. */
const FORGIVEN_AFTER_MS = 60_000

/** How long to wait before the next attempt; grows with every failure. */
export interface BackOff {
  /** Something failed. @returns ms to wait: 1 s × 2ⁿ⁻¹ with up to half as much again, at most the cap */
  failed(): number
  /** It works since now. */
  worked(): void
  readonly failures: number
}

/** The jitter keeps many upstreams of one broken host from coming back in step. */
export function createBackOff(capMs: number, nowMs: () => number, random: () => number = Math.random): BackOff {
  let failures = 0
  let workingSince: number | undefined
  return {
    failed() {
      if (workingSince !== undefined && nowMs() - workingSince >= FORGIVEN_AFTER_MS) failures = 0
      workingSince = undefined
      failures += 1
      return Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20) * (1 + random() / 2), capMs)
    },
    worked() {
      workingSince = nowMs()
    },
    get failures() {
      return failures
    },
  }
}
