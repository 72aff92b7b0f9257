import type { Failed, Outcome } from './backend.ts'

/** A run that gave nothing. */
export const failed = (reason: Failed['reason'], message: string): Failed => ({ ok: false, reason, message })

export const TIMED_OUT = failed('timeout', 'The function took longer than it may.')

export const OUT_OF_MEMORY = failed('memory', 'The function needs more memory than it may have.')

/** What a function gave, where it is not more than it may give. */
export function outputOf(text: string, maxBytes: number): Outcome {
  if (Buffer.byteLength(text) <= maxBytes) return { ok: true, output: text }
  return outputTooLarge(maxBytes)
}

export const outputTooLarge = (maxBytes: number): Failed => failed('output', `The function gave more than ${maxBytes} bytes.`)

/** The same for what a program printed, which may be anything. */
export function printedOutput(text: string, maxBytes: number): Outcome {
  try {
    JSON.parse(text)
  } catch (cause) {
    return failed('json', `What the function printed is no JSON: ${(cause as Error).message.slice(0, 200)}.`)
  }
  return outputOf(text, maxBytes)
}
