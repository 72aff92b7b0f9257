import type { Outcome } from '../../contract/fault.ts'
import type { Answer } from '../../contract/visit.ts'
import { isObject } from './schema-form/shape.ts'

/** One block of a result, a prompt or a resource, ready to show. Everything is plain text but the address of an image. */
type ShownBlock =
  | { readonly kind: 'text'; readonly title: string | undefined; readonly text: string }
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
    blocks: Array.isArray(content) ? shownBlocks(content) : [],
    structured: structuredContent === undefined ? undefined : indented(structuredContent),
  }
}

/** Make content blocks (of a result, a prompt's message) or contents of resources showable; one of them or a list. Pure. */
export const shownBlocks = (content: unknown): readonly ShownBlock[] => [content].flat().map(shownBlock)

function shownBlock(block: unknown): ShownBlock {
  const { type, text, data, mimeType, resource, uri } = isObject(block) ? block : {}
  if (type === 'text' && typeof text === 'string') return { kind: 'text', title: undefined, text: cut(text) }
  if (type === 'resource' && isObject(resource)) return shownContents(resource, block)
  if (isObject(block) && type === undefined && uri !== undefined) return shownContents(block, block)
  return (type === 'image' && imageOf(data, mimeType)) || asJson(block, type)
}

/** What a resource holds: text, a raster image, or some other bytes, of which only the number is shown. */
function shownContents({ uri, mimeType, text, blob }: Readonly<Record<string, unknown>>, whole: unknown): ShownBlock {
  const title = [uri, mimeType]
    .filter((one) => typeof one === 'string')
    .join(', ')
    .slice(0, 400)
  if (typeof text === 'string') return { kind: 'text', title, text: cut(text) }
  if (typeof blob !== 'string') return asJson(whole, 'resource')
  const bytes = Math.floor((blob.replaceAll('=', '').length * 3) / 4)
  return imageOf(blob, mimeType) ?? { kind: 'text', title, text: `${bytes} bytes; the API answers with them in base64.` }
}

function imageOf(data: unknown, mimeType: unknown): ShownBlock | undefined {
  const type = String(mimeType)
  if (typeof data !== 'string' || !IMAGE_TYPES.has(type) || !/^[A-Za-z0-9+/=\s]*$/.test(data)) return undefined
  return { kind: 'image', address: `data:${type};base64,${data.replaceAll(/\s/g, '')}`, type }
}

const asJson = (block: unknown, type: unknown): ShownBlock => ({
  kind: 'json',
  title: typeof type === 'string' ? type.slice(0, 60) : 'block',
  text: indented(block),
})

const indented = (value: unknown) => cut(JSON.stringify(value, null, 2) ?? 'null')

const cut = (text: string) =>
  text.length <= SHOWN_LIMIT
    ? text
    : `${text.slice(0, SHOWN_LIMIT)}\n… ${text.length - SHOWN_LIMIT} more characters; the API answers with all of them.`
