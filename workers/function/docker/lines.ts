const NEWLINE = 10

/** Cuts bytes into lines, of which none may be longer than a limit. */
export class Lines {
  readonly #maxBytes: number
  readonly #onLine: (line: string) => void
  readonly #onTooLong: () => void
  #parts: Buffer[] = []
  #bytes = 0

  /** @param onTooLong a line is longer than `maxBytes`; the rest of it is dropped */
  constructor(maxBytes: number, onLine: (line: string) => void, onTooLong: () => void) {
    this.#maxBytes = maxBytes
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  push(bytes: Buffer): void {
    let from = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      this.#keep(bytes.subarray(from, at))
      this.end()
      from = at + 1
    }
    this.#keep(bytes.subarray(from))
  }

  /** What came after the last newline is a line too. */
  end(): void {
    if (this.#bytes <= this.#maxBytes && (this.#bytes > 0 || this.#parts.length > 0))
      this.#onLine(Buffer.concat(this.#parts).toString('utf8'))
    this.#parts = []
    this.#bytes = 0
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0 || this.#bytes > this.#maxBytes) return
    this.#bytes += bytes.length
    if (this.#bytes > this.#maxBytes) {
      this.#parts = []
      this.#onTooLong()
    } else this.#parts.push(bytes)
  }
}
