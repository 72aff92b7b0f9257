import { z } from 'zod'
import { defineModule } from '../../contract/module.ts'
import type { Scope } from '../../contract/operation.ts'
import { CHECK_NAMES, CHECKS } from './check.ts'
import { WINDOWS } from './history.ts'
import { monitorPages } from './monitor.pages.ts'
import { type MonitorSettings, monitorSettings } from './monitor.settings.ts'
import { Check, CheckPoint, Lane, LanePoint, Process, Result, State, Store, Upstream, VerdictShape } from './monitor.shapes.ts'
import { type MonitorStore, monitorService, openMonitorStore } from './monitor.store.ts'
import { shownResult, shownStore, shownVerdict } from './monitor.view.ts'

// biome-ignore lint/suspicious/noExplicitAny: what other modules answer is judged by our own output schema
type Answered = Readonly<Record<string, any>>

const Window = z.enum(Object.keys(WINDOWS) as (keyof typeof WINDOWS)[]).default('1h')

/** Looks after the gateway itself: checks with history, a verdict, and everything that is near its limit in one place. */
export const monitor = defineModule<MonitorStore, MonitorSettings>({
  name: 'monitor',
  settings: monitorSettings,
  open: openMonitorStore,
  service: monitorService,
  pages: monitorPages,
  operations: (op) => ({
    get: op({
      summary: 'Tell how the gateway fares: a verdict, what is wrong, and the state of every part.',
      description: 'Lanes and upstreams are null for callers who may not see them.',
      route: 'GET /monitor',
      permit: 'monitor.read',
      effect: 'read',
      input: z.strictObject({}),
      output: z.object({
        verdict: VerdictShape,
        wrong: z.array(Result).describe('What is not ok, worst first.'),
        processes: z.array(Process),
        stores: z.array(Store),
        lanes: z.array(Lane).nullable(),
        upstreams: z.array(Upstream).nullable(),
        disk: z.object({ freeBytes: z.number(), sizeBytes: z.number() }).nullable(),
        traffic: z.object({ calls: z.int(), mcpSessions: z.int(), mcpStreams: z.int() }).describe('Open right now.'),
      }),
      example: { input: {}, outcome: 'ok' },
      run: wholeState,
    }),

    checks: op({
      summary: 'List what the last round of checks found.',
      route: 'GET /monitor/checks',
      permit: 'monitor.read',
      effect: 'read',
      input: z.strictObject({ check: Check.optional(), state: State.optional() }),
      output: z.object({
        verdict: VerdictShape,
        results: z.array(Result),
        known: z.array(z.object({ check: z.enum(CHECK_NAMES), summary: z.string() })).describe('Every check that is made.'),
      }),
      example: { input: { state: 'failing' }, outcome: 'ok' },
      run: ({ check, state }, { store: { rounds } }) => ({
        verdict: shownVerdict(rounds.last),
        results: (rounds.last?.results ?? [])
          .filter((result) => (check ?? result.check) === result.check && (state ?? result.state) === result.state)
          .map(shownResult),
        known: CHECK_NAMES.map((name) => ({ check: name, summary: CHECKS[name].summary })),
      }),
    }),

    history: op({
      summary: 'Show what one check found of one subject over a window of time.',
      description:
        'A point is the worst of its slot. What did not change is written every ten minutes only, and holds until the next point.',
      route: 'GET /monitor/checks/:check/history',
      permit: 'monitor.read',
      effect: 'read',
      input: z.strictObject({
        check: Check,
        subject: z.string().min(1).max(128).describe('As monitor_checks names it, e.g. `front`.'),
        window: Window,
      }),
      output: z.object({ stepMs: z.int().describe('Length of a slot.'), points: z.array(CheckPoint) }),
      example: { input: { check: 'store', subject: 'audit' }, outcome: 'ok' },
      run: async ({ check, subject, window }, { store, nowMs }) => ({
        stepMs: WINDOWS[window].stepMs,
        points: [...(await store.history.ofCheck(check, subject, window, nowMs))],
      }),
    }),

    lane_history: op({
      summary: 'Show how one lane stood over a window of time: depth, places, waits and run times.',
      description: 'A point is the last sample of its slot; waits and run times are of the five minutes before it.',
      route: 'GET /monitor/lanes/:lane/history',
      permit: 'monitor.read',
      effect: 'read',
      input: z.strictObject({ lane: z.string().min(1).max(64), window: Window }),
      output: z.object({ stepMs: z.int().describe('Length of a slot.'), points: z.array(LanePoint) }),
      example: { input: { lane: 'function', window: '6h' }, outcome: 'ok' },
      run: async ({ lane, window }, { store, nowMs }) => ({
        stepMs: WINDOWS[window].stepMs,
        points: [...(await store.history.ofLane(lane, window, nowMs))],
      }),
    }),

    run: op({
      summary: 'Check everything now, instead of at the next round.',
      route: 'POST /monitor/run',
      permit: 'monitor.write',
      effect: 'write',
      idempotent: true,
      input: z.strictObject({}),
      output: z.object({ verdict: VerdictShape, results: z.array(Result) }),
      example: { input: {}, outcome: 'ok' },
      async run(_, { store: { rounds } }) {
        const round = await rounds.run()
        return { verdict: shownVerdict(round), results: round.results.map(shownResult) }
      },
    }),
  }),
})

async function wholeState(_: object, scope: Scope<MonitorStore>) {
  const { house, rounds } = scope.store
  const [lanes, upstreams] = await Promise.all([ask(scope, 'queue_lanes'), ask(scope, 'upstream_list')])
  const { last } = rounds
  const wrong = [...(last?.results ?? [])].filter(({ state }) => state !== 'ok').sort(byBadness)
  return {
    verdict: shownVerdict(last),
    wrong: wrong.map(shownResult),
    processes: [...house.processes()],
    stores: house.stores.states().map(shownStore),
    lanes: lanes?.['lanes'] ?? null,
    upstreams: upstreams?.['upstreams'] ?? null,
    disk: last?.look.disk ?? null,
    traffic: {
      calls: reading(house.meter, 'gatehouse_calls_in_flight'),
      mcpSessions: reading(house.meter, 'gatehouse_mcp_sessions'),
      mcpStreams: reading(house.meter, 'gatehouse_mcp_streams'),
    },
  }
}

/** Call an operation, unless the caller may not or this house has no such module. */
async function ask({ store, caller, call }: Scope<MonitorStore>, name: string): Promise<Answered | undefined> {
  const tool = store.house.tool(name)
  return tool && caller.grants.allows(tool.permit) ? call(name, {}) : undefined
}

const byBadness = (a: { readonly state: string }, b: { readonly state: string }): number =>
  Number(b.state === 'failing') - Number(a.state === 'failing')

const reading = (meter: MonitorStore['house']['meter'], name: string): number => meter.readings(name)[0]?.value ?? 0
