/** Chunks that come one by one and are wanted as one. */
export interface ChunkPile {
  add(chunk: Buffer): void
  /** All of it as text; the pile is empty then. */
  takeText(): string
  /** All of it; the pile is empty then. */
  take(): Buffer
}

/** A chunk of one byte costs a hundred, so many small ones are put together early. */
const LOOSE_CHUNKS = 1_024

/** An empty pile. Whoever adds to it bounds its size. */
export function createChunkPile(): ChunkPile {
  let chunks: Buffer[] = []
  let packed = 0

  const take = (): Buffer => {
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    chunks = []
    packed = 0
    return all
  }
  return {
    add(chunk) {
      chunks.push(chunk)
      if (chunks.length - packed < LOOSE_CHUNKS) return
      chunks.push(Buffer.concat(chunks.splice(packed)))
      packed += 1
    },
    take,
    takeText: () => take().toString(),
  }
}
