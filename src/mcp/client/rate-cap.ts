/** Lets the first few through and counts the rest, so that a flood costs neither memory nor log. */
export interface RateCap {
  /** Whether this one may pass. */
  pass(): boolean
  /** How many were held back since this was last asked. */
  takeDropped(): number
}

interface RateCapOptions {
  /** How many may pass per window. */
  readonly limit: number
  /** Length of a window, default 1 s. */
  readonly windowMs?: number
  readonly nowMs?: () => number
}

/** Fixed windows: exact enough for logs, and two numbers of state. */
export function createRateCap({ limit, windowMs = 1_000, nowMs = () => performance.now() }: RateCapOptions): RateCap {
  let windowStart = Number.NEGATIVE_INFINITY
  let passed = 0
  let dropped = 0
  return {
    pass() {
      const now = nowMs()
      if (now - windowStart >= windowMs) {
        windowStart = now
        passed = 0
      }
      if (passed >= limit) {
        dropped += 1
        return false
      }
      passed += 1
      return true
    },
    takeDropped() {
      const count = dropped
      dropped = 0
      return count
    },
  }
}
