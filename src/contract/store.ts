/** How a store fares. Asking costs no query. */
export interface StoreState {
  /** The module's name; `queue.<lane>` for the ledger of a lane. */
  readonly name: string
  /** Writes so far: statements by themselves, and transactions. */
  readonly writes: number
  /** Writes that found the file locked by somebody else for too long. */
  readonly busy: number
  /** Writes that failed for any reason of the file: locked, full, read-only, broken. */
  readonly failed: number
  /** All writes together, in ms. */
  readonly writeMs: number
  /** The slowest write since the last probe but one, in ms. */
  readonly slowestMs: number
  readonly fileBytes: number
  readonly walBytes: number
}

/** How a store answered when something was written to see whether it can be. */
export interface StoreProbe {
  readonly name: string
  /** The slowest write since the probe before, this one included, in ms. */
  readonly slowestMs: number
  /** Why it takes nothing, e.g. `SQLITE_FULL`; null where it does. */
  readonly fault: string | null
}

/** A store that is looked after. */
export interface WatchedStore {
  readonly name: string
  state(): StoreState
  probe(): StoreProbe
}

/** All stores of the gateway, by the modules that opened them. */
export interface Stores {
  /** @returns a function that takes it out again */
  add(store: WatchedStore): () => void
  /** One write is over, well or not. */
  wrote(name: string, seconds: number): void
  states(): readonly StoreState[]
  /** Write a page to each, a store per turn of the event loop. */
  probe(): Promise<readonly StoreProbe[]>
}
