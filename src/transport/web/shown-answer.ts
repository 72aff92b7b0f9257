import type { Outcome } from '../../contract/fault.ts'
import type { Answer } from '../../contract/visit.ts'

/** One block of a result, ready to show. Everything is plain text but the address of an image. */
type ShownBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly address: string; readonly type: string }
  | { readonly kind: 'json'; readonly title: string; readonly text: string }

/** What a call answered, ready to show. */
export interface ShownAnswer {
  readonly outcome: Outcome
  readonly blocks: readonly ShownBlock[]
  /** The structured part as indented JSON. */
  readonly structured: string | undefined
}

/** Raster images only: an SVG can carry script, and whatever else is no image. */
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** How much of one text a page shows, in characters; the rest is left to the API. */
const SHOWN_LIMIT = 200_000

/** Make an answer showable. Pure. */
export function shownAnswer(answer: Answer): ShownAnswer {
  if (answer.kind === 'data') return { outcome: 'ok', blocks: [], structured: indented(answer.data) }
  const { content, structuredContent, isError } = answer.result
  return {
    outcome: isError === true ? 'tool_error' : 'ok',
    blocks: (Array.isArray(content) ? content : []).map(shownBlock),
    structured: structuredContent === undefined ? undefined : indented(structuredContent),
  }
}

function shownBlock(block: Readonly<Record<string, unknown>> | null): ShownBlock {
  const { type, text, data, mimeType } = block ?? {}
  if (type === 'text' && typeof text === 'string') return { kind: 'text', text: cut(text) }
  if (type === 'image' && typeof data === 'string' && IMAGE_TYPES.has(String(mimeType)) && /^[A-Za-z0-9+/=\s]*$/.test(data)) {
    return { kind: 'image', address: `data:${mimeType};base64,${data.replaceAll(/\s/g, '')}`, type: String(mimeType) }
  }
  return { kind: 'json', title: typeof type === 'string' ? type.slice(0, 60) : 'block', text: indented(block) }
}

const indented = (value: unknown) => cut(JSON.stringify(value, null, 2) ?? 'null')

const cut = (text: string) =>
  text.length <= SHOWN_LIMIT
    ? text
    : `${text.slice(0, SHOWN_LIMIT)}\n… ${text.length - SHOWN_LIMIT} more characters; the API answers with all of them.`
