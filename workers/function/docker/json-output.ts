import type { Outcome } from '../backend.ts'

/** The text that a container gave as its result, if it is JSON. */
export function jsonOutput(text: string): Outcome {
  try {
    JSON.parse(text)
  } catch {
    return { ok: false, reason: 'output', message: 'The result is no JSON.' }
  }
  return { ok: true, output: text }
}

/** There was more of it than may be. */
export const outputTooLarge = (maxBytes: number): Outcome => ({
  ok: false,
  reason: 'output',
  message: `The result is larger than ${maxBytes} bytes.`,
})
