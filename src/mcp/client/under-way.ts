/** Counts what is under way, so that one may wait until none of it is. */
export interface UnderWay {
  readonly count: number
  /** @returns what ends it; safe to call twice */
  begin(): () => void
  /** Resolves once nothing is under way. */
  none(): Promise<void>
}

/** Nothing is, at first. */
export function createUnderWay(): UnderWay {
  const all = new Set<object>()
  let waiting: (() => void)[] = []
  return {
    get count() {
      return all.size
    },
    begin() {
      const one = {}
      all.add(one)
      return () => {
        if (!all.delete(one) || all.size > 0) return
        for (const resolve of waiting) resolve()
        waiting = []
      }
    },
    none: () => (all.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
