/** Bytes that come in pieces of any size, in one piece of memory that doubles as it must. */
export class GatheredBytes {
  #bytes = new Uint8Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(piece: Uint8Array): void {
    const needed = this.#length + piece.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#length)
    this.#length = needed
  }

  /** What came so far, as text; then it is empty. */
  take(): string {
    const text = Buffer.from(this.#bytes.buffer, 0, this.#length).toString()
    this.#length = 0
    return text
  }
}
