/** Largest text (payload, result, question, answer, report) that travels between front and worker, in bytes. */
export const MAX_TEXT_BYTES = 33_554_432

/** From this many characters on a further text goes into a frame of its own. */
export const FULL_FRAME_CHARS = 4_194_304

/** Jobs, verdicts and the like in one frame, at most. */
export const MAX_PER_FRAME = 1_024

/** Largest header of a frame, in bytes. */
export const MAX_HEADER_BYTES = 1_048_576

/** Largest body: a frame that is nearly full (UTF-8 takes up to 3 bytes for each character) and one more text. */
export const MAX_BODY_BYTES = 3 * FULL_FRAME_CHARS + MAX_TEXT_BYTES

/** Whether a text is larger than a number of bytes; counts only where it is close. */
export const isLarger = (text: string, maxBytes: number): boolean =>
  text.length > maxBytes || (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes)
