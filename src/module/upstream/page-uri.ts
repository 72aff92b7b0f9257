import type { ToolDefinition } from '../../contract/tool.ts'
import type { Params } from './question.ts'

/** Where a tool names the page that shows its results (MCP Apps), and where it did so before. */
const FLAT = 'ui/resourceUri'

/**
 * A definition whose page has another URI; the very same where it has no page or `change` leaves its URI as it is.
 *
 * @param change the URI that clients are shown
 */
export function withPageUri(definition: ToolDefinition, change: (uri: string) => string): ToolDefinition {
  const meta = definition['_meta'] as Params | undefined
  if (meta === undefined) return definition
  const ui = meta['ui'] as Params | undefined
  const uri = typeof ui === 'object' && ui !== null ? ui['resourceUri'] : undefined
  const flat = meta[FLAT]
  const changed = {
    ...(typeof uri === 'string' && change(uri) !== uri && { ui: { ...ui, resourceUri: change(uri) } }),
    ...(typeof flat === 'string' && change(flat) !== flat && { [FLAT]: change(flat) }),
  }
  return Object.keys(changed).length === 0 ? definition : { ...definition, _meta: { ...meta, ...changed } }
}
