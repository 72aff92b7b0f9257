import { isUtf8 } from 'node:buffer'
import { MAX_HEADER_BYTES } from './limits.ts'
import { WireError } from './wire-error.ts'

/** Length of the header and length of the body in bytes, big-endian, before both. */
const PREFIX_BYTES = 8

/** One message: a small header in JSON, and texts that are never parsed or escaped on the way. */
export interface Frame {
  /** Not judged yet. */
  readonly header: unknown
  readonly body: string
}

/** A frame as it goes over the wire: `u32 header length, u32 body length, header, body`. */
export function encodeFrame(header: object, body = ''): Buffer {
  const head = JSON.stringify(header)
  const headBytes = Buffer.byteLength(head)
  const bodyBytes = Buffer.byteLength(body)
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + headBytes + bodyBytes)
  frame.writeUInt32BE(headBytes, 0)
  frame.writeUInt32BE(bodyBytes, 4)
  frame.write(head, PREFIX_BYTES)
  if (bodyBytes > 0) frame.write(body, PREFIX_BYTES + headBytes)
  return frame
}

/** Cuts what comes over a socket into frames. */
export class FrameReader {
  #chunks: Buffer[] = []
  #held = 0
  #wanted = PREFIX_BYTES

  /**
   * Take what came and hand out what is complete.
   *
   * @param maxBytes largest body right now
   * @throws WireError for a frame that is too large or not UTF-8 and JSON
   */
  read(chunk: Buffer, maxBytes: () => number, take: (frame: Frame) => void): void {
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#held < this.#wanted) return
    const held = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    let from = 0
    for (;;) {
      this.#wanted = wantedBytes(held, from, maxBytes())
      if (held.length - from < this.#wanted) break
      const next = from + this.#wanted
      take(decode(held, from))
      from = next
    }
    this.#chunks = from === held.length ? [] : [held.subarray(from)]
    this.#held = held.length - from
  }
}

function wantedBytes(held: Buffer, from: number, maxBodyBytes: number): number {
  if (held.length - from < PREFIX_BYTES) return PREFIX_BYTES
  const headBytes = held.readUInt32BE(from)
  const bodyBytes = held.readUInt32BE(from + 4)
  if (headBytes > MAX_HEADER_BYTES) throw new WireError(`A header of ${headBytes} bytes; at most ${MAX_HEADER_BYTES} are read.`)
  if (bodyBytes > maxBodyBytes) throw new WireError(`A body of ${bodyBytes} bytes; at most ${maxBodyBytes} are read.`)
  return PREFIX_BYTES + headBytes + bodyBytes
}

function decode(held: Buffer, from: number): Frame {
  const start = from + PREFIX_BYTES
  const middle = start + held.readUInt32BE(from)
  const end = middle + held.readUInt32BE(from + 4)
  if (!isUtf8(held.subarray(start, end))) throw new WireError('A frame that is not UTF-8.')
  try {
    return { header: JSON.parse(held.toString('utf8', start, middle)), body: held.toString('utf8', middle, end) }
  } catch (cause) {
    throw new WireError('A header that is not JSON.', { cause })
  }
}
