/** What piscina takes for an AbortSignal and ends the thread by; a fraction of the real one's price, which every job would pay. */
export class KillSwitch {
  #listener: (() => void) | undefined

  once(_event: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  off(): void {
    this.#listener = undefined
  }

  removeListener(): void {
    this.off()
  }

  /** End the thread that runs it, or take it out of the queue. */
  kill(): void {
    this.#listener?.()
  }
}
