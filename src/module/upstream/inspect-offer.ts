import { z } from 'zod'
import type { ListedKind } from '../../contract/tool.ts'
import { pointer } from '../../core/parse-input.ts'
import type { LeftOut } from './inspect-tool.ts'
import type { Params } from './question.ts'

/** Larger than any honest definition, smaller than what would choke a client. */
const MAX_DEFINITION_CHARS = 64 * 1_024
const MAX_URI_CHARS = 4_096

const name = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^\P{Cc}+$/u, 'It holds control characters')
const uri = z
  .string()
  .max(MAX_URI_CHARS)
  .regex(/^[a-zA-Z][a-zA-Z0-9+.-]*:[^\p{Cc}]*$/u, 'It is no URI')
const common = {
  title: z.string().optional(),
  description: z.string().optional(),
  icons: z.array(z.looseObject({ src: z.string() })).optional(),
  _meta: z.looseObject({}).optional(),
}
const resource = { name: z.string(), mimeType: z.string().optional(), annotations: z.looseObject({}).optional(), ...common }

/** What clients insist on (MCP 2025-11-25): one that breaks it makes many of them throw away the whole list. */
const SHAPES = {
  prompt: z.looseObject({
    name,
    arguments: z.array(z.looseObject({ name: z.string(), required: z.boolean().optional() })).optional(),
    ...common,
  }),
  resource: z.looseObject({ uri, ...resource }),
  // A template may begin with an expression, so it is not held to the form of a URI.
  template: z.looseObject({ uriTemplate: name.max(MAX_URI_CHARS), ...resource }),
} as const satisfies Record<ListedKind, z.ZodType>

/** The field by which clients know each. */
export const KEYS = { prompt: 'name', resource: 'uri', template: 'uriTemplate' } as const satisfies Record<ListedKind, string>

/** Judge one entry of a list without changing it: fit to be offered, or left out with a reason that an operator understands. */
export function inspectOffer(kind: ListedKind, listed: unknown, index: number): { readonly definition: Params } | LeftOut {
  const key = (listed as Params | null)?.[KEYS[kind]]
  const tool = `${kind} ${typeof key === 'string' && key !== '' ? key.slice(0, 100) : `#${index + 1}`}`
  const chars = JSON.stringify(listed)?.length ?? 0
  if (chars > MAX_DEFINITION_CHARS)
    return { tool, reason: `Its definition has ${chars} characters; at most ${MAX_DEFINITION_CHARS} are taken.` }
  const parsed = SHAPES[kind].safeParse(listed)
  if (parsed.success) return { definition: listed as Params }
  const [first] = parsed.error.issues
  return { tool, reason: `Its definition is not valid MCP: ${pointer(first!.path) || 'the entry'}: ${first!.message}.` }
}
