/** How a step of a guest ended, as the prelude tells it. */
export interface Settlement {
  readonly kind: 'loaded' | 'headless' | 'done' | 'failed' | 'unwritable'
  /** JSON text of the output where it is `done`; else what was thrown. */
  readonly text: string
  /** Of an error that was thrown, empty where it was none. */
  readonly name: string
  readonly stack: string
}

/** What an engine asks of whoever runs a guest in it. All text is the guest's, and cut to what is reasonable. */
export interface GuestHost {
  readonly maxOutputBytes: number
  /** ms since the epoch. */
  nowMs(): number
  /** 0 to 1. */
  random(): number
  log(level: string, text: string): void
  ask(id: string, name: string, args: string): void
  settle(settlement: Settlement): void
  /** Source of a module that is imported. Only asked where the engine links. */
  source(name: string): string
}

/** A host whose guest does nothing yet. */
export const NOBODY: GuestHost = {
  maxOutputBytes: 0,
  nowMs: () => 0,
  random: () => 0,
  log: () => {},
  ask: () => {},
  settle: () => {},
  source: () => '',
}
