/** Where an upstream can stand. */
export const LINK_STATES = ['disconnected', 'connecting', 'connected', 'error', 'disabled'] as const

type LinkState = (typeof LINK_STATES)[number]

/** The state of one upstream, and since when it has it. */
export class Status {
  readonly #nowMs: () => number
  readonly #onChange: () => void
  #state: LinkState = 'disabled'
  #since: number
  /** Why it is not connected, or was not the last time; for an operator. */
  lastError: string | undefined

  constructor(nowMs: () => number, onChange: () => void) {
    this.#nowMs = nowMs
    this.#onChange = onChange
    this.#since = nowMs()
  }

  get state(): LinkState {
    return this.#state
  }

  /** When it came into this state, ms since the epoch. */
  get since(): number {
    return this.#since
  }

  set(state: LinkState): void {
    if (state !== this.#state) this.#since = this.#nowMs()
    this.#state = state
    this.#onChange()
  }
}
