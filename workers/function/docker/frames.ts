/** Where bytes of a container come from. */
export type Channel = 'stdout' | 'stderr'

const HEADER_BYTES = 8
/** First byte of a header; 0 would be standard input, which no engine sends back. */
const CHANNELS: Readonly<Record<number, Channel>> = { 1: 'stdout', 2: 'stderr' }

/**
 * Takes apart the stream of an attached container: frames of an 8-byte header (channel, three zeroes, length) and bytes.
 *
 * Passes bytes on as they come and keeps nothing but an incomplete header, however long a frame says it is.
 */
export class Frames {
  readonly #onBytes: (channel: Channel, bytes: Buffer) => void
  #header = Buffer.alloc(0)
  #channel: Channel = 'stdout'
  #left = 0

  constructor(onBytes: (channel: Channel, bytes: Buffer) => void) {
    this.#onBytes = onBytes
  }

  /** @throws RangeError for what is no such stream */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) rest = this.#left > 0 ? this.#takeBytes(rest) : this.#takeHeader(rest)
  }

  #takeBytes(rest: Buffer): Buffer {
    const bytes = rest.subarray(0, this.#left)
    this.#left -= bytes.length
    this.#onBytes(this.#channel, bytes)
    return rest.subarray(bytes.length)
  }

  #takeHeader(rest: Buffer): Buffer {
    const missing = HEADER_BYTES - this.#header.length
    this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)])
    if (this.#header.length === HEADER_BYTES) this.#open(this.#header)
    return rest.subarray(missing)
  }

  #open(header: Buffer): void {
    const channel = CHANNELS[header[0]!]
    if (channel === undefined) throw new RangeError(`A frame of channel ${header[0]} came; 1 or 2 was expected.`)
    this.#channel = channel
    this.#left = header.readUInt32BE(4)
    this.#header = Buffer.alloc(0)
  }
}
