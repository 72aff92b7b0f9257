import type { Outcome } from './backend.ts'

/** What a function gave, where it is not more than it may give. */
export function outputOf(text: string, maxBytes: number): Outcome {
  if (Buffer.byteLength(text) <= maxBytes) return { ok: true, output: text }
  return { ok: false, reason: 'output', message: `The function gave more than ${maxBytes} bytes.` }
}
