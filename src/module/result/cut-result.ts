import type { RelayedResult } from '../../contract/visit.ts'
import { measure } from './measure.ts'
import { cutText } from './utf8.ts'

type Block = Readonly<Record<string, unknown>>

interface Limits {
  readonly softLimitBytes: number
  readonly binaryLimitBytes: number
}

/** Where the whole result is. */
export interface Kept {
  readonly ref: string
  readonly originalBytes: number
  /** The tool declares an output schema, so clients insist on `structuredContent`. */
  readonly declaresOutput: boolean
  /** Whether the caller has the right to read it. */
  readonly mayRead: boolean
}

/** Kept free for the notes that stand in for what was left out. */
const NOTES_BYTES = 4_096

/** Whether a block is a picture, sound or file of more than `limitBytes`, in base64. */
export function isLargeBinary(block: Block, limitBytes: number): boolean {
  const data = binaryOf(block)
  return data !== undefined && data.length > limitBytes
}

/**
 * A result brought under the limits: texts cut at a character, large binaries and what no longer fits replaced by a note that says how to read
 * the whole.
 *
 * Where only `structuredContent` is too large and the tool declares a schema for it, no valid result is left to give: it becomes an error
 * that says that the call itself went well.
 */
export function cutResult(result: RelayedResult, limits: Limits, kept: Kept): RelayedResult {
  let leftBytes = limits.softLimitBytes - NOTES_BYTES
  const content: Block[] = []
  for (const block of result.content ?? []) {
    const taken = takeBlock(block, leftBytes, limits, kept)
    leftBytes -= measure(taken, leftBytes)
    content.push(taken)
  }
  const { structuredContent, ...rest } = result
  const fits = structuredContent !== undefined && measure(structuredContent, leftBytes) <= leftBytes
  const isMissed = structuredContent !== undefined && !fits && kept.declaresOutput
  content.push({ type: 'text', text: isMissed ? `The call succeeded; do not repeat it. ${howToRead(kept)}` : howToRead(kept) })
  return {
    ...rest,
    content,
    ...(fits && { structuredContent }),
    ...(isMissed && { isError: true }),
    _meta: { ...(rest['_meta'] as object | undefined), truncated: true, originalBytes: kept.originalBytes, resultRef: kept.ref },
  }
}

function takeBlock(block: Block, leftBytes: number, limits: Limits, kept: Kept): Block {
  if (isLargeBinary(block, limits.binaryLimitBytes)) return note(block, kept)
  if (measure(block, leftBytes) <= leftBytes) return block
  if (typeof block['text'] === 'string') return { ...block, text: cutText(block['text'], Math.max(leftBytes - 256, 0)) }
  const resource = block['resource'] as Block | undefined
  if (typeof resource?.['text'] === 'string') {
    return { ...block, resource: { ...resource, text: cutText(resource['text'], Math.max(leftBytes - 1_024, 0)) } }
  }
  return note(block, kept)
}

function note(block: Block, { ref }: Kept): Block {
  const { type, mimeType } = { ...(block['resource'] as Block | undefined), ...block } as { type?: unknown; mimeType?: unknown }
  const what = String(mimeType ?? type ?? 'block').slice(0, 100)
  return { type: 'text', text: `[${what} left out here; the whole result is kept as ${ref}]` }
}

function howToRead({ ref, originalBytes, mayRead }: Kept): string {
  const how = `Read it with result_get, ref "${ref}", from any offset, within the hour or so that it is kept.`
  const missing = 'Reading the rest needs the right result.read, which your token does not open: ask for less, or for that right.'
  return `[This result was cut: it has ${originalBytes} bytes in all. ${mayRead ? how : missing}]`
}

function binaryOf(block: Block): string | undefined {
  const data = block['data'] ?? (block['resource'] as Block | undefined)?.['blob']
  return typeof data === 'string' ? data : undefined
}
