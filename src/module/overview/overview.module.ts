import { z } from 'zod'
import type { House } from '../../contract/house.ts'
import { defineModule } from '../../contract/module.ts'
import type { Scope } from '../../contract/operation.ts'
import { Attention, attentionFor } from './attention.ts'
import { overviewPages } from './overview.pages.ts'

const HOUR_MS = 3_600_000
/** Secrets that end later than this need nobody yet, however early the log reminds. */
const SECRET_DAYS = 30

// biome-ignore lint/suspicious/noExplicitAny: what other modules answer is judged by our own output schema
type Answered = Readonly<Record<string, any>>

interface OverviewStore {
  readonly house: House
  close(): Promise<void>
}

const Series = z.array(z.object({ at: z.int(), ok: z.int(), failed: z.int() }))

/** The first page: what needs somebody now, and how much is going on. It asks the other modules as its caller and keeps nothing. */
export const overview = defineModule<OverviewStore>({
  name: 'overview',
  open: async (house: House) => ({ house, close: async () => {} }),
  pages: overviewPages,
  operations: (op) => ({
    get: op({
      summary: 'Tell what needs attention now, and how much is going on.',
      description: 'Of each part, only what the caller may see; null stands for a part that they may not.',
      route: 'GET /overview',
      permit: 'overview.read',
      effect: 'read',
      input: z.strictObject({}),
      output: z.object({
        attention: z.array(Attention),
        verdict: z
          .object({ state: z.string(), line: z.string() })
          .nullable()
          .describe('Whether the gateway keeps up, as monitor_checks says.'),
        upstreams: z
          .object({ total: z.int(), connected: z.int(), down: z.int(), off: z.int() })
          .nullable()
          .describe('How many there are, and how they are.'),
        tools: z.object({ total: z.int(), tokens: z.int() }).nullable().describe('Tools of upstreams that the caller may call.'),
        calls: z
          .object({
            calls: z.int(),
            failed: z.int(),
            running: z.int(),
            p50Ms: z.number().nullable(),
            p95Ms: z.number().nullable(),
            series: Series,
          })
          .nullable()
          .describe('Of the last hour.'),
        recent: z
          .array(z.record(z.string(), z.unknown()))
          .nullable()
          .describe('The newest calls, as audit_call_list shows them, without what pages of the console read.'),
      }),
      example: { input: {}, outcome: 'ok' },
      run: overviewFor,
    }),
  }),
})

async function overviewFor(_: object, scope: Scope<OverviewStore>) {
  const since = scope.nowMs - HOUR_MS
  const [upstreamList, toolList, stats, recent, running, failed, checks, ending, apiList] = await Promise.all([
    ask(scope, 'upstream_list', {}),
    ask(scope, 'tool_list', { kind: 'dynamic', limit: 1 }),
    ask(scope, 'audit_stats', { window: '1h' }),
    ask(scope, 'audit_call_list', { consoleReads: false, nested: true, limit: 20 }),
    ask(scope, 'audit_call_list', { kind: 'dynamic', outcome: 'running', limit: 200 }),
    ask(scope, 'audit_call_list', { consoleReads: false, outcome: 'failed', since, limit: 200 }),
    ask(scope, 'monitor_checks', {}),
    ask(scope, 'secret_list', { expiresWithinDays: SECRET_DAYS, limit: 20 }),
    ask(scope, 'api_list', {}),
  ])
  const upstreams = upstreamList?.['upstreams'] ?? []
  return {
    attention: attentionFor({
      upstreams,
      failed: failed?.['calls'],
      secrets: ending?.['secrets'],
      apis: apiList?.['apis'],
      checks: checks?.['results'],
    }),
    verdict: checks?.['verdict'] ?? null,
    upstreams: upstreamList ? upstreamCounts(upstreams) : null,
    tools: toolList ? { total: toolList['total'], tokens: toolList['tokens'] } : null,
    calls: stats ? { ...pick(stats), running: running?.['calls'].length ?? 0 } : null,
    recent: recent ? others(recent['calls'], scope.requestId) : null,
  }
}

/** Call an operation, unless the caller may not or this house has no such module. */
async function ask({ store, caller, call }: Scope<OverviewStore>, name: string, input: object): Promise<Answered | undefined> {
  const tool = store.house.tool(name)
  return tool && caller.grants.allows(tool.permit) ? call(name, input) : undefined
}

/** Calls but those that this very look consists of. */
const others = <Call extends { readonly requestId: string }>(calls: readonly Call[], requestId: string): Call[] =>
  calls.filter((call) => call.requestId !== requestId).slice(0, 10)

const upstreamCounts = (all: readonly { readonly state: string; readonly enabled: boolean }[]) => ({
  total: all.length,
  connected: all.filter(({ state }) => state === 'connected').length,
  down: all.filter(({ state, enabled }) => enabled && state === 'error').length,
  off: all.filter(({ enabled }) => !enabled).length,
})

const pick = ({ calls, failed, p50Ms, p95Ms, series }: Answered) => ({
  calls,
  failed,
  p50Ms,
  p95Ms,
  series,
})
