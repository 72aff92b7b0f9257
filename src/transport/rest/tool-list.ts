import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { Tool } from '../../contract/tool.ts'

/** The query of `GET /api/tools`. */
export const toolListQuery = z.strictObject({
  search: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Text that name, title, description or source must contain; case does not matter.' }),
  source: z.string().max(128).optional().meta({ description: 'Only tools of this source.' }),
  limit: z.int().min(1).max(500).default(100).meta({ description: 'Most tools in one answer.' }),
  cursor: z.string().max(128).optional().meta({ description: 'The `nextCursor` of the page before.' }),
})

const toolRow = z.object({
  name: z.string().meta({ description: 'Its name everywhere: in MCP lists, records, rights.' }),
  source: z.string(),
  tool: z.string().meta({ description: 'Its name within the source.' }),
  title: z.string().optional(),
  description: z.string(),
  kind: z.enum(['operation', 'dynamic']),
  effect: z.enum(['read', 'write', 'erase']),
})

/** The answer of `GET /api/tools`. */
export const toolListAnswer = z.object({
  tools: z.array(toolRow),
  total: z.int().meta({ description: 'How many tools match, on all pages.' }),
  nextCursor: z.string().optional().meta({ description: 'Where the next page begins; absent on the last one.' }),
})

/**
 * One page of the tools that match, sorted by name.
 *
 * @throws Fault `invalid` for a cursor that no answer gave
 */
export function listTools(visible: readonly Tool[], query: z.output<typeof toolListQuery>): z.output<typeof toolListAnswer> {
  const after = query.cursor === undefined ? '' : nameIn(query.cursor)
  const matching = visible.filter((tool) => matches(tool, query.search?.toLowerCase(), query.source))
  const rest = matching.filter(({ name }) => name > after)
  const page = rest.slice(0, query.limit)
  const last = page.at(-1)
  return {
    tools: page.map(row),
    total: matching.length,
    ...(last && rest.length > page.length && { nextCursor: Buffer.from(last.name).toString('base64url') }),
  }
}

function nameIn(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url').toString()
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name
  throw new Fault('invalid', 'The cursor is not one that this list gave. Leave it out to begin with the first page.', {
    details: [{ path: '/cursor', message: 'Not a cursor of this list' }],
  })
}

function matches(tool: Tool, search: string | undefined, source: string | undefined): boolean {
  if (source !== undefined && tool.source !== source) return false
  if (search === undefined) return true
  const { title, description } = tool.definition
  return [tool.name, tool.source, tool.localName, title, description].some((text) =>
    String(text ?? '')
      .toLowerCase()
      .includes(search),
  )
}

function row({ name, source, localName, kind, effect, definition }: Tool): z.output<typeof toolRow> {
  const { title, description } = definition
  return {
    name,
    source,
    tool: localName,
    ...(typeof title === 'string' && { title }),
    description: String(description ?? ''),
    kind,
    effect,
  }
}
