import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { ALIAS, ALIAS_RULE, toAlias } from './alias.ts'
import { ASKABLE } from './capabilities.ts'
import { parseDefinition } from './definition.ts'
import { fromForeign } from './from-foreign.ts'
import { readServers } from './read-servers.ts'
import type { Upstream } from './registry.ts'
import type { UpstreamStore } from './upstream.store.ts'
import { detail, summarise, UpstreamDetail, UpstreamSummary } from './upstream.view.ts'

const alias = z.string().regex(ALIAS, ALIAS_RULE)
const texts = z.record(z.string(), z.string())

/** How long enable, restart and their like wait to be able to say how it went. */
const SETTLE_MS = 10_000

const AS_REFERENCE = 'a secret only as secret:<name>, env:NAME, file:/path or command:["program"]'

/** A definition as it is sent; `parseDefinition` judges it whole. */
const DefinitionFields = {
  transport: z
    .enum(['stdio', 'http', 'sse'])
    .describe('stdio starts a program; http dials an address; sse does so as it was until 2024-11-05'),
  era: z
    .enum(['auto', 'session', 'stateless'])
    .optional()
    .describe('session: MCP until 2025-11-25; stateless: since 2026-07-28; auto finds out'),
  deny: z.array(z.enum(ASKABLE)).optional().describe('What the server may not ask of clients'),
  command: z.string().optional().describe('stdio: the program, found by PATH'),
  args: z.array(z.string()).optional(),
  cwd: z.string().optional().describe('stdio: the folder it runs in'),
  env: texts.optional().describe(`stdio: its variables; ${AS_REFERENCE}`),
  url: z.string().optional().describe('http: the address of its MCP endpoint'),
  headers: texts.optional().describe(`http: sent with every request; ${AS_REFERENCE}`),
  passwordCommand: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe('Variable or header → a command that prints its value'),
  enabled: z.boolean().optional(),
  pinned: z.boolean().optional().describe('Refuse to be enabled or disabled other than by its definition'),
  shared: z.boolean().optional().describe('One connection for all callers; only for servers that keep nothing per client'),
  prefix: z.string().optional().describe('What stands before __ in tool names, instead of the alias'),
  names: z
    .enum(['always', 'on_clash', 'never'])
    .optional()
    .describe('Which tool names begin with the prefix; on_clash: those that others have as well'),
  idleTimeoutMs: z.int().optional(),
  maxTimeoutMs: z.int().optional(),
  connectTimeoutMs: z.int().optional(),
  maxConcurrency: z.int().optional(),
  maxQueue: z.int().optional(),
  maxSessions: z.int().optional(),
  maxResultBytes: z.int().optional(),
  tools: z
    .record(
      z.string(),
      z.strictObject({
        idleTimeoutMs: z.int().optional(),
        maxTimeoutMs: z.int().optional(),
        effect: z.enum(['read', 'write', 'erase']).optional(),
        idempotent: z.boolean().optional(),
        rename: z.string().optional().describe('What it is called here instead'),
      }),
    )
    .optional()
    .describe("The operator's word on single tools, by their name at the server"),
}

async function settled({ registry }: UpstreamStore, upstream: Upstream): Promise<z.output<typeof UpstreamDetail>> {
  await upstream.link?.settled(SETTLE_MS)
  return detail(registry, registry.get(upstream.alias))
}

/** What people, agents and scripts can do with upstreams. */
export const upstreamOperations = (op: DefineOperation<UpstreamStore>) => ({
  list: op({
    summary: 'List the upstreams and how they are.',
    route: 'GET /upstreams',
    permit: 'upstream.read',
    effect: 'read',
    input: z.strictObject({
      search: z.string().max(200).optional().describe('Part of an alias or of a tool name'),
      state: UpstreamSummary.shape.state.optional(),
    }),
    output: z.object({ upstreams: z.array(UpstreamSummary), children: z.int().describe('Child processes that are alive') }),
    example: { input: {}, outcome: 'ok' },
    run({ search, state }, { store }) {
      const { registry } = store
      const needle = search?.toLowerCase() ?? ''
      const found = registry
        .all()
        .filter((each) =>
          `${each.alias}\n${each.link?.lists.tool.items.map(({ name }) => name).join('\n') ?? ''}`.toLowerCase().includes(needle),
        )
      const upstreams = found
        .map((each) => summarise(registry, each))
        .filter((each) => state === undefined || each.state === state)
      return { upstreams, children: store.children() }
    },
  }),

  get: op({
    summary: 'Show one upstream with its definition and tools.',
    route: 'GET /upstreams/:alias',
    permit: 'upstream.read',
    effect: 'read',
    input: z.strictObject({ alias }),
    output: UpstreamDetail,
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: (input, { store }) => detail(store.registry, store.registry.get(input.alias)),
  }),

  add: op({
    summary: 'Add an upstream and connect it.',
    description:
      'A stdio upstream, and a passwordCommand of any, run a program on the machine of the gateway, as its user: whoever may do this may run anything there.',
    route: 'POST /upstreams',
    permit: 'upstream.define',
    effect: 'write',
    input: z.strictObject({ alias, ...DefinitionFields }),
    output: UpstreamDetail,
    example: { input: { alias: 'search', transport: 'http', url: 'ftp://search.example' }, outcome: 'invalid' },
    async run({ alias, ...definition }, { store, caller }) {
      return settled(store, await store.registry.add(alias, parseDefinition(definition), caller.id))
    },
  }),

  update: op({
    summary: 'Replace the definition of an upstream that was added at run time, and reconnect it.',
    route: 'PUT /upstreams/:alias',
    permit: 'upstream.define',
    effect: 'write',
    input: z.strictObject({ alias, updatedAt: z.int().describe('As upstream_get answered it'), ...DefinitionFields }),
    output: UpstreamDetail,
    example: { input: { alias: 'files', updatedAt: 1, transport: 'stdio', command: 'node' }, outcome: 'not_found' },
    async run({ alias, updatedAt, ...definition }, { store, caller }) {
      store.registry.get(alias)
      return settled(store, await store.registry.update(alias, parseDefinition(definition), updatedAt, caller.id))
    },
  }),

  remove: op({
    summary: 'Remove an upstream that was added at run time.',
    route: 'DELETE /upstreams/:alias',
    permit: 'upstream.write',
    effect: 'erase',
    input: z.strictObject({ alias }),
    output: z.object({ alias: z.string() }),
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    async run(input, { store, caller }) {
      await store.registry.remove(input.alias, caller.id)
      return input
    },
  }),

  enable: op({
    summary: 'Connect an upstream, now and after every restart.',
    description: 'Answers how it went: its state is error where it could not be connected, and it is tried again by itself.',
    route: 'POST /upstreams/:alias/enable',
    permit: 'upstream.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: UpstreamDetail,
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: async (input, { store, caller }) => settled(store, await store.registry.setEnabled(input.alias, true, caller.id)),
  }),

  disable: op({
    summary: 'Disconnect an upstream, now and after every restart. Its tools are gone.',
    route: 'POST /upstreams/:alias/disable',
    permit: 'upstream.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: UpstreamDetail,
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: async (input, { store, caller }) => settled(store, await store.registry.setEnabled(input.alias, false, caller.id)),
  }),

  reset: op({
    summary: 'Let the definition of an upstream decide again whether it is connected.',
    route: 'DELETE /upstreams/:alias/override',
    permit: 'upstream.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: UpstreamDetail,
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: async (input, { store, caller }) => settled(store, await store.registry.reset(input.alias, caller.id)),
  }),

  restart: op({
    summary: 'End every connection and process of an upstream and connect it anew, with its secrets looked up again.',
    route: 'POST /upstreams/:alias/restart',
    permit: 'upstream.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: UpstreamDetail,
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: async (input, { store }) => settled(store, await store.registry.restart(input.alias)),
  }),

  call_cancel: op({
    summary: 'Cancel a call that an upstream works on.',
    description: 'Whoever waits for it is told that it was cancelled, and by whom.',
    route: 'DELETE /upstreams/:alias/calls/:callId',
    permit: 'upstream.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias, callId: z.int().describe('As upstream_get names it') }),
    output: z.object({ alias: z.string(), callId: z.int() }),
    example: { input: { alias: 'files', callId: 1 }, outcome: 'not_found' },
    run(input, { store, caller }) {
      const { link } = store.registry.get(input.alias)
      if (link?.calls.cancel(input.callId, caller.name)) return input
      throw new Fault('not_found', `Upstream ${input.alias} works on no call ${input.callId}: it may have ended.`)
    },
  }),

  import: op({
    summary: 'Add upstreams from the mcpServers JSON of another program.',
    description: 'What cannot be added is skipped with its reason; the others are added.',
    route: 'POST /upstreams/import',
    permit: 'upstream.define',
    effect: 'write',
    input: z.strictObject({ json: z.string().max(1_000_000).describe('{"mcpServers": {…}}, as text') }),
    output: z.object({
      added: z.array(z.string()),
      skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
    }),
    example: { input: { json: '{"mcpServers": {}}' }, outcome: 'ok' },
    run: ({ json }, { store, caller }) => importServers(store, readServers(json), caller.id),
  }),

  logs: op({
    summary: 'Show the last lines that an upstream wrote to standard error, and what happened to it.',
    route: 'GET /upstreams/:alias/logs',
    permit: 'upstream.read',
    effect: 'read',
    input: z.strictObject({ alias, limit: z.int().min(1).max(500).default(100) }),
    output: z.object({
      lines: z.array(z.object({ at: z.int(), from: z.enum(['stderr', 'gateway']), text: z.string() })),
    }),
    example: { input: { alias: 'files' }, outcome: 'not_found' },
    run: (input, { store }) => ({ lines: [...store.registry.get(input.alias).tail.lines(input.limit)] }),
  }),
})

async function importServers({ registry }: UpstreamStore, servers: Readonly<Record<string, unknown>>, by: string) {
  const added: string[] = []
  const skipped: { name: string; reason: string }[] = []
  for (const [name, raw] of Object.entries(servers)) {
    try {
      await registry.add(toAlias(name), parseDefinition(fromForeign(raw)), by)
      added.push(toAlias(name))
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      skipped.push({ name: name.slice(0, 100), reason: thrown.message })
    }
  }
  return { added, skipped }
}
