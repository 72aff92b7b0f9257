import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { Tool } from '../../contract/tool.ts'

/** What to look for. */
export interface ToolSearch {
  readonly text?: string | undefined
  readonly source?: string | undefined
  readonly kind?: Tool['kind'] | undefined
}

/** The tools that a caller may call and that fit a search, by source and then by name. */
export function findTools(tools: readonly Tool[], caller: Caller, { text, source, kind }: ToolSearch): readonly Tool[] {
  const words = (text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  return tools
    .filter((tool) => caller.grants.allows(tool.permit))
    .filter((tool) => (source === undefined || tool.source === source) && (kind === undefined || tool.kind === kind))
    .filter((tool) => words.every((word) => searched(tool).includes(word)))
    .sort((a, b) => compare(a.source, b.source) || compare(a.name, b.name))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const searched = ({ name, source, localName, definition }: Tool) =>
  `${name} ${source} ${localName} ${definition.title ?? ''} ${definition.description ?? ''}`.toLowerCase()

/** One tool that a caller may call. @throws Fault `not_found`, also for one that they may not call, so that lists and lookups agree */
export function findTool(tool: Tool | undefined, caller: Caller, name: string): Tool {
  if (tool && caller.grants.allows(tool.permit)) return tool
  throw new Fault(
    'not_found',
    `There is no tool named ${name} that ${caller.name} may call. tool_list names those that there are.`,
  )
}
