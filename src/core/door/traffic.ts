import { Fault } from '../../contract/fault.ts'

/** Counts the visits in flight, and closes the door when the gateway stops. */
export class Traffic {
  #inFlight = 0
  #closed = false
  #whenIdle: (() => void) | undefined

  get inFlight(): number {
    return this.#inFlight
  }

  /** Whoever comes is waited for, also while a refusal is written down. */
  begin(): void {
    this.#inFlight += 1
  }

  /**
   * @param isPart of something that was let in before: refusing it would break what the drain waits for
   * @throws Fault `unavailable` once draining has begun
   */
  admit(isPart: boolean): void {
    if (this.#closed && !isPart)
      throw new Fault('unavailable', 'The gateway is stopping. Try again when it is back.', { retryAfterMs: 5_000 })
  }

  end(): void {
    this.#inFlight -= 1
    if (this.#inFlight === 0) this.#whenIdle?.()
  }

  /** @returns whether all visits ended within `timeoutMs` */
  drain(timeoutMs: number): Promise<boolean> {
    this.#closed = true
    if (this.#inFlight === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs)
      this.#whenIdle = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
