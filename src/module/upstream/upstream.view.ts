import { z } from 'zod'
import type { Registry, Upstream } from './registry.ts'

const FIRST_TOOLS = 10
const LISTS = ['tool', 'prompt', 'resource', 'template'] as const

/** One upstream in a list. */
export const UpstreamSummary = z.object({
  alias: z.string(),
  transport: z.enum(['stdio', 'http', 'sse']).nullable().describe('null where the definition is broken'),
  origin: z.enum(['config', 'stored']).describe('config: defined in a file; stored: added at run time'),
  state: z.enum(['disconnected', 'connecting', 'connected', 'error', 'disabled']),
  since: z.int().describe('When it came into this state, ms since the epoch'),
  lastError: z.string().nullable(),
  enabled: z.boolean().describe('Whether it is wanted to be connected'),
  enabledBy: z.enum(['definition', 'override', 'pinned']).describe('What decides that'),
  shared: z.boolean().describe('One connection for all callers'),
  toolCount: z.int(),
  firstTools: z.array(z.string()).describe(`The first ${FIRST_TOOLS} tool names`),
  leftOutCount: z.int().describe('Tools that are not offered because something is wrong with them'),
  server: z.object({ name: z.string(), version: z.string(), revision: z.string() }).nullable(),
  sessions: z.int().describe('Open sessions, besides the base connection'),
  inFlight: z.int(),
  waiting: z.int().describe('Calls that wait for a place'),
  connects: z.int().describe('How often it was connected since the gateway started'),
  updatedAt: z.int().nullable().describe('Optimistic lock of a stored one'),
})

/** One upstream, whole. */
export const UpstreamDetail = UpstreamSummary.extend({
  definition: z.record(z.string(), z.unknown()).nullable().describe('Holds references to secrets, never secrets'),
  instructions: z.string().nullable().describe('What the server says of its use; text from outside'),
  tools: z.array(
    z.object({
      name: z.string(),
      remoteName: z.string().describe('What the server calls it'),
      title: z.string().nullable(),
      description: z.string().nullable(),
      effect: z.enum(['read', 'write', 'erase']),
    }),
  ),
  leftOut: z.array(z.object({ tool: z.string(), reason: z.string() })),
  notes: z.array(z.object({ tool: z.string(), note: z.string() })),
})

/** What a list shows of one. */
export function summarise(registry: Registry, upstream: Upstream): z.output<typeof UpstreamSummary> {
  const { link } = upstream
  const { enabled, by } = registry.desired(upstream)
  const tools = registry.toolsOf(upstream.alias)
  return {
    alias: upstream.alias,
    transport: link?.definition.transport ?? null,
    origin: upstream.origin,
    state: link?.status.state ?? 'error',
    since: link?.status.since ?? upstream.since,
    lastError: upstream.fault ?? link?.status.lastError ?? null,
    enabled,
    enabledBy: by,
    shared: link?.definition.shared ?? false,
    toolCount: tools.length,
    firstTools: tools.slice(0, FIRST_TOOLS).map(({ name }) => name),
    leftOutCount: link === undefined ? 0 : LISTS.reduce((count, kind) => count + link.lists[kind].leftOut.length, 0),
    server: serverOf(upstream),
    sessions: link?.lines.sessions.size ?? 0,
    inFlight: link?.gate.inside ?? 0,
    waiting: link?.gate.waiting ?? 0,
    connects: link?.connects ?? 0,
    updatedAt: upstream.row?.updated_at ?? null,
  }
}

/** What a page of its own shows. */
export function detail(registry: Registry, upstream: Upstream): z.output<typeof UpstreamDetail> {
  const { link } = upstream
  const { instructions } = link?.server ?? {}
  return {
    ...summarise(registry, upstream),
    definition: link?.definition ?? null,
    instructions: typeof instructions === 'string' ? instructions : null,
    tools: registry.toolsOf(upstream.alias).map(({ name, remoteName, effect, definition }) => ({
      name,
      remoteName,
      title: definition.title ?? null,
      description: definition.description ?? null,
      effect,
    })),
    leftOut: link === undefined ? [] : LISTS.flatMap((kind) => link.lists[kind].leftOut),
    notes: [...(link?.lists.tool.notes ?? [])],
  }
}

function serverOf({ link }: Upstream): z.output<typeof UpstreamSummary>['server'] {
  if (link?.server === undefined) return null
  const { serverInfo, protocolVersion } = link.server
  return { name: text(serverInfo['name']), version: text(serverInfo['version']), revision: protocolVersion }
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')
