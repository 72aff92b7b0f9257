/** What is in a memory at one moment: its parts that are not zero. */
export type Image = readonly ImagePart[]

interface ImagePart {
  readonly at: number
  readonly bytes: Uint8Array
}

/** Small enough to leave most of the unused memory out, large enough to be copied fast. */
const BLOCK_BYTES = 16_384
const ZEROS = Buffer.alloc(BLOCK_BYTES)

/** Keep a memory from an address on. */
export function takeImage(memory: Uint8Array, from: number): Image {
  const parts: ImagePart[] = []
  let start: number | undefined
  for (let at = from; at < memory.length; at += BLOCK_BYTES) {
    if (ZEROS.equals(memory.subarray(at, at + BLOCK_BYTES))) {
      if (start !== undefined) parts.push({ at: start, bytes: memory.slice(start, at) })
      start = undefined
    } else {
      start ??= at
    }
  }
  if (start !== undefined) parts.push({ at: start, bytes: memory.slice(start) })
  return parts
}

/** Make a memory what it was; all else in it is zero afterwards. */
export function putImage(memory: Uint8Array, image: Image): void {
  let end = 0
  for (const { at, bytes } of image) {
    memory.fill(0, end, at)
    memory.set(bytes, at)
    end = at + bytes.length
  }
  memory.fill(0, end)
}
