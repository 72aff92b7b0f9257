/** Two clocks, because the one that people read can be set. */
export interface Clock {
  /** ms since the epoch. */
  nowMs(): number
  /** ms since whenever; only goes forward, one second per second. */
  steadyMs(): number
}
