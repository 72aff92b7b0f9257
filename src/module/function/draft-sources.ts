/** Sources that are being tried and may be kept nowhere, by hash. */
export interface DraftSources {
  get(hash: string): string | undefined
  /** Hold a source while something is done with it. */
  during<T>(hash: string, source: string, work: () => Promise<T>): Promise<T>
}

/** Held as long as anybody tries it: workers ask for it when they please. */
export function createDraftSources(): DraftSources {
  const held = new Map<string, { readonly source: string; users: number }>()
  return {
    get: (hash) => held.get(hash)?.source,
    async during(hash, source, work) {
      const entry = held.get(hash) ?? { source, users: 0 }
      held.set(hash, entry)
      entry.users += 1
      try {
        return await work()
      } finally {
        entry.users -= 1
        if (entry.users === 0) held.delete(hash)
      }
    },
  }
}
