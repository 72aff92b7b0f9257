import type { RelayedResult } from '../../contract/visit.ts'
import { type Block, cutMeta, howToRead, type Kept, type Limits, leftOut, NOTES_BYTES } from './cut-block.ts'
import { measure } from './measure.ts'
import { cutText } from './utf8.ts'

/**
 * What was read of a resource (MCP `ReadResourceResult`) brought under the limit: texts cut at a character, further contents left out, bytes that do
 * not fit replaced by a note, and a last text that says so.
 */
export function cutContents(result: RelayedResult, contents: readonly Block[], limits: Limits, kept: Kept): RelayedResult {
  let leftBytes = limits.softLimitBytes - NOTES_BYTES
  const taken: Block[] = []
  for (const content of contents) {
    if (leftBytes <= 0) break
    const one = cutContent(content, leftBytes, kept)
    leftBytes -= measure(one, leftBytes)
    taken.push(one)
  }
  taken.push({ uri: contents[0]?.['uri'], mimeType: 'text/plain', text: howToRead(kept) })
  return { ...result, contents: taken, _meta: cutMeta(result['_meta'], kept) }
}

function cutContent(content: Block, leftBytes: number, kept: Kept): Block {
  if (measure(content, leftBytes) <= leftBytes) return content
  const { uri, mimeType, text } = content
  if (typeof text === 'string') return { ...content, text: cutText(text, Math.max(leftBytes - 1_024, 0)) }
  return { uri, mimeType: 'text/plain', text: leftOut(mimeType ?? 'file', kept) }
}
