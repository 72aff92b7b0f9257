/** How much of the time that places offered was worked in, since it was asked last. */
export class Utilisation {
  readonly #places: number
  #running = 0
  #workedMs = 0
  #changedAt = performance.now()
  #askedAt = this.#changedAt

  constructor(places: number) {
    this.#places = places
  }

  /** @param by 1 where one begins, -1 where one ends */
  change(by: 1 | -1): void {
    const now = performance.now()
    this.#workedMs += this.#running * (now - this.#changedAt)
    this.#changedAt = now
    this.#running += by
  }

  /** 0 to 1; begins anew. */
  take(): number {
    const now = performance.now()
    const worked = this.#workedMs + this.#running * (now - this.#changedAt)
    const offered = this.#places * (now - this.#askedAt)
    this.#workedMs = 0
    this.#changedAt = now
    this.#askedAt = now
    return offered > 0 ? Math.min(1, worked / offered) : 0
  }
}
