import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

/** What an answer's body is collected in, up to a limit that holds for what comes out of its compression. */
export interface BodyPile {
  add(chunk: Buffer): void
  /** Nothing more comes. */
  end(): void
  /** What there is by now; nothing is decompressed any more. */
  take(): Buffer
}

interface PileListener {
  /** Called once, with everything. */
  whole(body: Buffer): void
  /** Called once: there is more than the limit. */
  full(): void
  broken(cause: Error): void
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
}

/** Whether a body in this encoding can be read. */
export const isReadable = (encoding: string): boolean => isPlain(encoding) || Object.hasOwn(DECODERS, encoding)

const isPlain = (encoding: string): boolean => encoding === '' || encoding === 'identity'

/** @param encoding the `content-encoding`, lower case; `isReadable` */
export function createBodyPile(encoding: string, maxBytes: number, listener: PileListener): BodyPile {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  let over = false
  let decoder: Transform | undefined
  const keep = (chunk: Buffer): void => {
    if (over) return
    const room = maxBytes - sizeBytes
    chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    sizeBytes += Math.min(chunk.length, room)
    if (chunk.length <= room) return
    over = true
    listener.full()
  }
  const finish = (): void => {
    if (over) return
    over = true
    listener.whole(Buffer.concat(chunks))
  }
  // Opened with the first byte: an answer to HEAD names an encoding and has none.
  const open = (): Transform => {
    const opened = DECODERS[encoding]!()
    opened.on('data', keep)
    opened.once('end', finish)
    opened.once('error', (cause) => {
      if (!over) listener.broken(cause)
      over = true
    })
    return opened
  }
  return {
    add(chunk) {
      if (over) return
      if (isPlain(encoding)) {
        keep(chunk)
        return
      }
      decoder ??= open()
      decoder.write(chunk)
    },
    end() {
      if (decoder === undefined) finish()
      else decoder.end()
    },
    take() {
      over = true
      decoder?.destroy()
      return Buffer.concat(chunks)
    },
  }
}
