/** Counts what is under way, so that one may wait until none of it is. */
export interface UnderWay {
  readonly count: number
  begin(): void
  end(): void
  /** Resolves once nothing is under way. */
  none(): Promise<void>
}

/** Nothing is, at first. */
export function createUnderWay(): UnderWay {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    get count() {
      return count
    },
    begin() {
      count += 1
    },
    end() {
      count -= 1
      if (count > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    none: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
