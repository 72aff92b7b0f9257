import type { RelayedResult } from '../../contract/visit.ts'
import { type Block, cutBlock, cutMeta, howToRead, type Kept, type Limits, NOTES_BYTES } from './cut-block.ts'
import { measure } from './measure.ts'

/**
 * A tool's result brought under the limits: texts cut at a character, large binaries and what no longer fits replaced by a note that says how to read
 * the whole.
 *
 * Where only `structuredContent` is too large and the tool declares a schema for it, no valid result is left to give: it becomes an error
 * that says that the call itself went well.
 */
export function cutResult(result: RelayedResult, limits: Limits, kept: Kept): RelayedResult {
  let leftBytes = limits.softLimitBytes - NOTES_BYTES
  const content: unknown[] = []
  for (const block of result.content ?? []) {
    const taken = cutBlock(block, leftBytes, limits, kept)
    leftBytes -= measure(taken, leftBytes)
    content.push(taken)
  }
  const { structuredContent, ...rest } = result
  const fits = structuredContent !== undefined && measure(structuredContent, leftBytes) <= leftBytes
  const isMissed = structuredContent !== undefined && !fits && kept.declaresOutput
  content.push({ type: 'text', text: isMissed ? `The call succeeded; do not repeat it. ${howToRead(kept)}` : howToRead(kept) })
  return {
    ...rest,
    content: content as Block[],
    ...(fits && { structuredContent }),
    ...(isMissed && { isError: true }),
    _meta: cutMeta(rest['_meta'], kept),
  }
}
