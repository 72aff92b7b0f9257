/** A character takes at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3
/** Brackets, quotes and commas around a value. */
const FRAME_BYTES = 4

/**
 * About how many bytes a value takes as JSON, without making the JSON: exact enough for limits, and over as soon as it is over `limitBytes`.
 *
 * Small values are measured by their lengths alone.
 */
export function measure(value: unknown, limitBytes: number): number {
  const roughly = walk(value, limitBytes, (text) => text.length * MAX_BYTES_PER_UNIT)
  return roughly <= limitBytes ? roughly : walk(value, limitBytes, (text) => Buffer.byteLength(text))
}

/** Without recursion, because its depth is somebody else's choice. */
function walk(root: unknown, limitBytes: number, sizeOf: (text: string) => number): number {
  let sizeBytes = 0
  const waiting: unknown[] = [root]
  while (waiting.length > 0 && sizeBytes <= limitBytes) {
    const value = waiting.pop()
    sizeBytes += FRAME_BYTES
    if (typeof value === 'string') sizeBytes += sizeOf(value)
    else if (typeof value === 'number') sizeBytes += 8
    else if (Array.isArray(value)) for (const each of value) waiting.push(each)
    else if (typeof value === 'object' && value !== null) {
      for (const key in value) {
        sizeBytes += key.length + FRAME_BYTES
        waiting.push((value as Record<string, unknown>)[key])
      }
    }
  }
  return sizeBytes
}
