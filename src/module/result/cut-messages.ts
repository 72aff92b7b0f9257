import type { RelayedResult } from '../../contract/visit.ts'
import { type Block, cutBlock, cutMeta, howToRead, type Kept, type Limits, NOTES_BYTES } from './cut-block.ts'
import { measure } from './measure.ts'

/** A prompt (MCP `GetPromptResult`) brought under the limits: its blocks like those of a tool, further messages left out, and a last one that says so. */
export function cutMessages(result: RelayedResult, messages: readonly Block[], limits: Limits, kept: Kept): RelayedResult {
  let leftBytes = limits.softLimitBytes - NOTES_BYTES
  const taken: Block[] = []
  for (const message of messages) {
    if (leftBytes <= 0) break
    const one = cutMessage(message, leftBytes, limits, kept)
    leftBytes -= measure(one, leftBytes)
    taken.push(one)
  }
  taken.push({ role: 'user', content: { type: 'text', text: howToRead(kept) } })
  return { ...result, messages: taken, _meta: cutMeta(result['_meta'], kept) }
}

/** The specification has one block in a message; servers that send several are taken as they are. */
function cutMessage(message: Block, leftBytes: number, limits: Limits, kept: Kept): Block {
  const { content } = message
  if (!Array.isArray(content)) return { ...message, content: cutBlock(content, leftBytes, limits, kept) }
  let left = leftBytes
  const blocks = content.map((block: unknown) => {
    const one = cutBlock(block, left, limits, kept)
    left -= measure(one, left)
    return one
  })
  return { ...message, content: blocks }
}
