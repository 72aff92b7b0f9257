import { z } from 'zod'
import type { Tool } from '../../contract/tool.ts'
import { estimateTokens } from '../../core/token-estimate.ts'

/** How much of a description a list shows, in characters. */
const DESCRIPTION_LIMIT = 400

/** A tool as a list shows it. */
export const ToolRow = z.object({
  name: z.string().describe('Its name everywhere: in MCP lists, records and rights.'),
  title: z.string(),
  source: z.string().describe('The upstream or module that it comes from.'),
  localName: z.string().describe('Its name within the source.'),
  kind: z.enum(['operation', 'dynamic']),
  effect: z.enum(['read', 'write', 'erase']),
  description: z.string().describe(`The first ${DESCRIPTION_LIMIT} characters.`),
  tokens: z.int().describe('About how many model tokens its definition costs in each list.'),
})

/** Show a tool in a list. */
export function toolRow(tool: Tool): z.output<typeof ToolRow> {
  const { name, source, localName, kind, effect, definition } = tool
  const description = typeof definition.description === 'string' ? definition.description : ''
  return {
    name,
    title: toolTitle(tool),
    source,
    localName,
    kind,
    effect,
    description: description.length > DESCRIPTION_LIMIT ? `${description.slice(0, DESCRIPTION_LIMIT)}…` : description,
    tokens: estimateTokens(definition),
  }
}

/** The title that a tool gives itself, or its local name. */
export function toolTitle({ definition, localName }: Tool): string {
  const annotated = (definition.annotations as { title?: unknown } | undefined)?.title
  const title = definition.title ?? annotated
  return typeof title === 'string' && title.trim() !== '' ? title : localName
}
