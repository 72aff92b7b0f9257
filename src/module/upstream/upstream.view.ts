import { z } from 'zod'
import { scrubValue } from '../../core/scrub-value.ts'
import type { Call } from './call.ts'
import type { Line } from './line.ts'
import type { Registry, Upstream } from './registry.ts'

const FIRST_TOOLS = 10
const FIRST_LINES = 100
const FIRST_CALLS = 200
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
  promptCount: z.int(),
  resourceCount: z.int(),
  templateCount: z.int().describe('URI templates'),
  leftOutCount: z
    .int()
    .describe('Tools, prompts, resources and templates that are not offered because something is wrong with them'),
  era: z.enum(['session', 'stateless']).nullable().describe('session: MCP until 2025-11-25; stateless: since 2026-07-28'),
  server: z.object({ name: z.string(), version: z.string(), revision: z.string() }).nullable(),
  sessions: z.int().describe('Open sessions, besides the base connection'),
  inFlight: z.int(),
  waiting: z.int().describe('Calls that wait for a place'),
  streams: z.int().describe('Open streams on which the server tells what it is not asked for'),
  watched: z.int().describe('Resources that clients watch'),
  connects: z.int().describe('How often it was connected since the gateway started'),
  updatedAt: z.int().nullable().describe('Optimistic lock of a stored one'),
})

/** One upstream, whole. */
export const UpstreamDetail = UpstreamSummary.extend({
  definition: z.record(z.string(), z.unknown()).nullable().describe('Holds references to secrets, never secrets'),
  capabilities: z.record(z.string(), z.unknown()).nullable().describe('What the server declares'),
  lines: z
    .array(
      z.object({
        caller: z.string(),
        client: z.string().nullable().describe('Name and version as the client says'),
        inFlight: z.int(),
      }),
    )
    .describe(`Its sessions, the first ${FIRST_LINES} of them`),
  calls: z
    .array(
      z.object({
        callId: z.int().describe('As its record has it; upstream_call_cancel takes it'),
        tool: z.string(),
        method: z.string(),
        caller: z.string(),
        startedAt: z.int(),
      }),
    )
    .describe(`What it works on, the first ${FIRST_CALLS}`),
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
    promptCount: link?.lists.prompt.items.length ?? 0,
    resourceCount: link?.lists.resource.items.length ?? 0,
    templateCount: link?.lists.template.items.length ?? 0,
    leftOutCount: link === undefined ? 0 : LISTS.reduce((count, kind) => count + link.lists[kind].leftOut.length, 0),
    server: serverOf(upstream),
    sessions: link?.lines.sessions.size ?? 0,
    inFlight: link?.gate.inside ?? 0,
    era: link?.era ?? null,
    waiting: link?.gate.waiting ?? 0,
    streams: link?.lines.streams ?? 0,
    watched: link?.subscriptions.size ?? 0,
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
    capabilities: link?.server === undefined ? null : scrubValue(link.server.capabilities),
    lines: (link?.lines.sessions.lines() ?? []).slice(0, FIRST_LINES).map(shownLine),
    calls: (link?.calls.all() ?? []).slice(0, FIRST_CALLS).map(shownCall),
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

const shownLine = ({ owner, calls }: Line) => ({
  caller: owner?.caller.name ?? '',
  client: owner?.client?.info === undefined ? null : `${text(owner.client.info['name'])} ${text(owner.client.info['version'])}`,
  inFlight: calls.size,
})

const shownCall = ({ question, visit }: Call) => ({
  callId: visit.id,
  tool: visit.tool.name,
  method: question.method,
  caller: visit.caller.name,
  startedAt: visit.startedAt,
})

function serverOf({ link }: Upstream): z.output<typeof UpstreamSummary>['server'] {
  if (link?.server === undefined) return null
  const { serverInfo, protocolVersion } = link.server
  return { name: text(serverInfo['name']), version: text(serverInfo['version']), revision: protocolVersion }
}

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')
