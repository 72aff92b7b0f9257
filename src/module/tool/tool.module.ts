import { z } from 'zod'
import type { House } from '../../contract/house.ts'
import { defineModule } from '../../contract/module.ts'
import { estimateTokens } from '../../core/token-estimate.ts'
import { findTool, findTools } from './find-tools.ts'
import { toolPages } from './tool.pages.ts'
import { ToolRow, toolRow, toolTitle } from './tool-row.ts'

const Schema = z.record(z.string(), z.unknown())

/** What can be called through the door, as its caller sees it. */
export const tool = defineModule({
  name: 'tool',
  open: async (house: House) => ({ house, close: async () => {} }),
  pages: toolPages,
  operations: (op) => ({
    list: op({
      summary: 'List the tools that the caller may call.',
      description: 'Grouped by source, a page at a time. Searches names, titles and descriptions.',
      route: 'GET /catalog',
      permit: 'tool.read',
      effect: 'read',
      input: z.strictObject({
        text: z.string().max(200).optional().describe('Words that name, title, source or description must all contain.'),
        source: z.string().max(100).optional().describe('Only tools of this upstream or module.'),
        kind: z
          .enum(['operation', 'dynamic'])
          .optional()
          .describe('`dynamic`: tools of upstreams. `operation`: what the gateway does itself.'),
        offset: z.int().min(0).default(0).describe('How many tools to leave out from the front.'),
        limit: z.int().min(1).max(500).default(200),
      }),
      output: z.object({
        tools: z.array(ToolRow),
        total: z.int().describe('How many there are on all pages.'),
        tokens: z.int().describe('About how many model tokens the definitions of all of them cost together.'),
        sources: z
          .array(z.object({ name: z.string(), count: z.int(), kind: z.enum(['operation', 'dynamic']) }))
          .describe('Every source with tools for this caller, whatever was searched for.'),
      }),
      example: { input: { text: 'list the tools' }, outcome: 'ok' },
      run({ offset, limit, ...search }, { store, caller }) {
        const found = findTools(store.house.tools(), caller, search)
        return {
          tools: found.slice(offset, offset + limit).map(toolRow),
          total: found.length,
          tokens: found.reduce((sum, { definition }) => sum + estimateTokens(definition), 0),
          sources: sourcesOf(findTools(store.house.tools(), caller, {})),
        }
      },
    }),

    get: op({
      summary: 'Show one tool with its schemas.',
      route: 'GET /catalog/:name',
      permit: 'tool.read',
      effect: 'read',
      input: z.strictObject({ name: z.string().min(1).max(128).describe('Its full name, as tool_list gives it.') }),
      output: ToolRow.extend({
        permit: z.string().describe('The right that calling it needs.'),
        idempotent: z.boolean(),
        inputSchema: Schema,
        outputSchema: Schema.optional(),
      }),
      example: { input: { name: 'tool_list' }, outcome: 'ok' },
      run({ name }, { store, caller }) {
        const found = findTool(store.house.tool(name), caller, name)
        const { definition, permit, idempotent } = found
        return {
          ...toolRow(found),
          title: toolTitle(found),
          description: String(definition.description ?? ''),
          permit,
          idempotent,
          inputSchema: { ...definition.inputSchema },
          ...(definition.outputSchema && { outputSchema: { ...definition.outputSchema } }),
        }
      },
    }),
  }),
})

function sourcesOf(tools: readonly { readonly source: string; readonly kind: 'operation' | 'dynamic' }[]) {
  const counts = new Map<string, { name: string; count: number; kind: 'operation' | 'dynamic' }>()
  for (const { source, kind } of tools) {
    const known = counts.get(source)
    if (known) known.count += 1
    else counts.set(source, { name: source, count: 1, kind })
  }
  return [...counts.values()]
}
