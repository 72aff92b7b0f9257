const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** The largest length up to `endBytes` at which no character is cut in two. */
export function boundaryBefore(bytes: Uint8Array, endBytes: number): number {
  if (endBytes >= bytes.length) return bytes.length
  let end = endBytes
  while (end > 0 && isContinuation(bytes[end])) end -= 1
  return end
}

/** The first place from `startBytes` on at which a character begins. */
export function boundaryAfter(bytes: Uint8Array, startBytes: number): number {
  let start = startBytes
  while (isContinuation(bytes[start])) start += 1
  return start
}

/** As much of a text as fits into `limitBytes` of UTF-8. */
export function cutText(text: string, limitBytes: number): string {
  // No character is shorter than a byte, so nothing behind this can fit.
  const bytes = Buffer.from(text.slice(0, limitBytes + 1))
  return bytes.subarray(0, boundaryBefore(bytes, limitBytes)).toString()
}
