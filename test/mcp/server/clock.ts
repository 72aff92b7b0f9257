/** A clock that stands until it is moved. */
export function stoppedClock(startMs = 1_700_000_000_000): { readonly nowMs: () => number; advance(byMs: number): void } {
  let now = startMs
  return {
    nowMs: () => now,
    advance: (byMs) => {
      now += byMs
    },
  }
}
