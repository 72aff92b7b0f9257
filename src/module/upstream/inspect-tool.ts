import { z } from 'zod'
import type { ToolDefinition } from '../../contract/tool.ts'
import { pointer } from '../../core/parse-input.ts'
import { schemaGap } from '../../core/schema/schema-gap.ts'
import { schemaLoop } from '../../core/schema/schema-loop.ts'

/** Larger than any honest definition, smaller than what would choke a client. */
const MAX_DEFINITION_CHARS = 256 * 1_024

const ObjectSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
})

/** What clients insist on (MCP 2025-11-25, `Tool`): one that breaks it makes many of them throw away the whole list. */
const Shape = z.looseObject({
  name: z.string().min(1).max(1_024),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: ObjectSchema,
  outputSchema: ObjectSchema.optional(),
  annotations: z
    .looseObject({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
  icons: z.array(z.looseObject({ src: z.string() })).optional(),
  _meta: z.looseObject({}).optional(),
})

/** Characters that people do not see and models read: zero-width, bidirectional controls, tags (Unicode TR 36). */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u

/** What was found out about one listed tool. */
export type Inspection = Offered | LeftOut

/** A tool that is offered, and what an operator should know of it. */
export interface Offered {
  readonly definition: ToolDefinition
  /** Whether its arguments can be judged by its schema. */
  readonly judged: boolean
  readonly notes: readonly string[]
}

/** A tool that is not offered. */
export interface LeftOut {
  readonly tool: string
  readonly reason: string
}

/** Judge one entry of a list without changing it: fit to be offered, or left out with a reason that an operator understands. */
export function inspectTool(listed: unknown, index: number): Inspection {
  const tool = nameOf(listed) ?? `#${index + 1}`
  const chars = JSON.stringify(listed)?.length ?? 0
  if (chars > MAX_DEFINITION_CHARS)
    return { tool, reason: `Its definition has ${chars} characters; at most ${MAX_DEFINITION_CHARS} are taken.` }
  const parsed = Shape.safeParse(listed)
  if (!parsed.success) {
    const [first] = parsed.error.issues
    return { tool, reason: `Its definition is not valid MCP: ${pointer(first!.path) || 'the entry'}: ${first!.message}.` }
  }
  const definition = listed as ToolDefinition
  const loop = schemaLoop(definition.inputSchema) ?? schemaLoop(definition.outputSchema)
  if (loop !== undefined) return { tool, reason: `Its schema cannot be used: ${loop}.` }
  const gap = schemaGap(definition.inputSchema)
  const notes = gap === undefined ? [] : [`Its arguments are not checked here: ${gap}.`]
  if (INVISIBLE.test(`${definition.title ?? ''}${definition.description ?? ''}`)) {
    notes.push('Its description holds invisible characters: models read what people do not see.')
  }
  return { definition, judged: gap === undefined, notes }
}

function nameOf(listed: unknown): string | undefined {
  const name = (listed as { name?: unknown } | null)?.name
  return typeof name === 'string' && name !== '' ? name.slice(0, 100) : undefined
}
