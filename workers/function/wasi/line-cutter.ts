import { GatheredBytes } from './gathered-bytes.ts'

/** Longer lines are cut. */
const MAX_LINE_BYTES = 65_536
const LINE_FEED = 10

/** Cuts bytes into lines of text. */
export class LineCutter {
  readonly #onLine: (line: string) => void
  readonly #rest = new GatheredBytes()

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  write(bytes: Uint8Array): void {
    let at = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
      this.#keep(bytes.subarray(at, end))
      this.#onLine(this.#rest.take())
      at = end + 1
    }
    this.#keep(bytes.subarray(at))
  }

  /** What has no line feed behind it is a line too. */
  end(): void {
    if (this.#rest.length > 0) this.#onLine(this.#rest.take())
  }

  #keep(bytes: Uint8Array): void {
    this.#rest.append(bytes.subarray(0, MAX_LINE_BYTES - this.#rest.length))
  }
}
