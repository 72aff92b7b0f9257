import { createChunkPile } from './chunk-pile.ts'

/** What a stream of lines is cut into. */
export interface LineListener {
  line(text: string): void
  /** A line over the cap was dropped. `head` and `tail` are its two ends, enough to tell what it was. */
  overflow(head: string, tail: string): void
}

/** Feed it chunks; it keeps the unfinished line. */
export interface LineSplitter {
  push(chunk: Buffer): void
}

const NEWLINE = 0x0a
const END_BYTES = 256

/** Cut bytes into lines of at most `maxLineBytes`, decoding UTF-8 only once a line is whole. */
export function createLineSplitter(maxLineBytes: number, listener: LineListener): LineSplitter {
  const parts = createChunkPile()
  let sizeBytes = 0
  let head: Buffer | undefined
  let tail: Buffer = Buffer.alloc(0)

  const keep = (part: Buffer): void => {
    sizeBytes += part.length
    if (sizeBytes <= maxLineBytes) {
      parts.add(part)
      return
    }
    const last = Buffer.concat([head === undefined ? parts.take() : tail, part])
    head ??= Buffer.from(last.subarray(0, END_BYTES))
    tail = Buffer.from(last.subarray(-END_BYTES))
  }
  const finish = (): void => {
    if (head !== undefined) listener.overflow(head.toString(), tail.toString())
    else listener.line(parts.takeText())
    sizeBytes = 0
    head = undefined
  }
  return {
    push(chunk) {
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end))
        finish()
        start = end + 1
      }
      if (start < chunk.length) keep(start === 0 ? chunk : chunk.subarray(start))
    },
  }
}
