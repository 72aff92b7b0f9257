import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import { defineModule } from '../../contract/module.ts'
import type { ChainBreak } from '../../core/chain-verify.ts'
import { NextCursor, Paging } from '../../core/paging.ts'
import { EXPORT_DESCRIPTION, ExportAsk, ExportPage, exportPage } from '../../core/row-export.ts'
import { auditPages } from './audit.pages.ts'
import { AuditSettings } from './audit.settings.ts'
import { Break, Call, CallDetail, callFilter, NestedCall, ToolStats } from './audit.shapes.ts'
import { type AuditStore, auditGuards, openAuditStore } from './audit.store.ts'
import { auditService } from './audit-purge.ts'
import { listCalls } from './call-list.ts'
import { callStats, WINDOWS } from './call-stats.ts'
import { callDetail, nestedCall, runningCalls, shownCall } from './shown-call.ts'
import { CHAINED_STORES, verifyAudit, verifyStore } from './verify-audit.ts'

const POINT = /^(\d{1,16}):([A-Za-z0-9_-]{43})$/

/** Records of every call: who, what, when, how it ended; chained, so that nobody can change them unseen. */
export const audit = defineModule<AuditStore, AuditSettings>({
  name: 'audit',
  settings: AuditSettings,
  open: openAuditStore,
  guards: auditGuards,
  service: auditService,
  pages: auditPages,
  operations: (op) => ({
    call_list: op({
      summary: 'List calls, newest first.',
      description: 'Every call that came to the door is here, refused ones included.',
      route: 'GET /audit/calls',
      permit: 'audit.read',
      effect: 'read',
      input: z.strictObject({
        ...callFilter,
        nested: z
          .boolean()
          .default(false)
          .describe('true shows parts under the call that they are part of, and not by themselves.'),
        ...Paging,
      }),
      output: z.object({ calls: z.array(NestedCall), nextCursor: NextCursor }),
      example: { input: { outcome: 'forbidden', limit: 20 }, outcome: 'ok' },
      async run({ limit, cursor, ...filter }, { store }) {
        const db = store.upToDate()
        const running = [...runningCalls(store)]
        const page = await listCalls({ db, running }, filter, { limit, cursor })
        const parts = running.filter(({ parent_id }) => parent_id !== null)
        const calls = page.rows.map((call) => nestedCall({ db, running: parts }, call, filter.nested))
        return { calls: await Promise.all(calls), nextCursor: page.nextCursor }
      },
    }),

    call_get: op({
      summary: 'Show one call with its spans, arguments and answer, redacted.',
      route: 'GET /audit/calls/:id',
      permit: 'audit.read',
      effect: 'read',
      input: z.strictObject({ id: z.int().min(0) }),
      output: z.object({ call: CallDetail }),
      example: { input: { id: 1 }, outcome: 'not_found' },
      async run({ id }, { store }) {
        const call = await callDetail(store, id)
        if (!call)
          throw new Fault('not_found', `No call has the id ${id}. It may have been purged; audit_call_list shows what is kept.`)
        return { call }
      },
    }),

    stats: op({
      summary: 'Count calls over a window: by time, outcome and tool, with percentiles of their durations.',
      description: 'Percentiles are read from a histogram and exact to about 12 %.',
      route: 'GET /audit/stats',
      permit: 'audit.read',
      effect: 'read',
      input: z.strictObject({
        window: z.enum(Object.keys(WINDOWS) as (keyof typeof WINDOWS)[]).default('24h'),
        tool: z.string().min(1).max(256).optional(),
      }),
      output: z.object({
        from: z.int(),
        until: z.int(),
        stepMs: z.int().describe('Length of a point of the series: a minute up to 6h, else an hour.'),
        ...ToolStats.omit({ tool: true }).shape,
        running: z.int().describe('Calls in flight now.'),
        series: z.array(z.object({ at: z.int(), ok: z.int(), failed: z.int() })),
        outcomes: z.array(z.object({ outcome: z.string(), calls: z.int() })),
        tools: z.array(ToolStats).describe('The 20 that were called most.'),
      }),
      example: { input: { window: '1h' }, outcome: 'ok' },
      async run({ window, tool }, { store, nowMs }) {
        const db = store.upToDate()
        store.tally.flush()
        return { ...(await callStats(db, window, nowMs, tool)), running: [...store.journal.open].length }
      },
    }),

    export: op({
      summary: 'Export calls as JSON lines or CSV, newest first, page by page.',
      description: EXPORT_DESCRIPTION,
      route: 'GET /audit/export',
      permit: 'audit.export',
      effect: 'read',
      input: z.strictObject({ ...callFilter, ...ExportAsk }),
      output: ExportPage,
      example: { input: { format: 'csv', outcome: 'failed' }, outcome: 'ok' },
      async run({ format, limit, cursor, ...filter }, { store }) {
        const { rows, nextCursor } = await listCalls({ db: store.upToDate(), running: runningCalls(store) }, filter, {
          limit,
          cursor,
        })
        return exportPage({ rows: rows.map(shownCall), nextCursor }, Object.keys(Call.shape), { format, cursor })
      },
    }),

    verify: op({
      summary: 'Verify the hash chains of call records, access log and server log.',
      description: 'Finds any edit, removal or insertion. May take a while: about 10 s per million records.',
      route: 'GET /audit/verification',
      permit: 'audit.verify',
      effect: 'read',
      input: z.strictObject({
        through: z
          .string()
          .regex(POINT, 'Expected <link>:<mac>, as a verification or the server log gave it')
          .optional()
          .describe('A point of the audit chain that was written down elsewhere; proves that nothing up to it was cut off.'),
      }),
      output: z.object({
        ok: z.boolean(),
        stores: z.array(
          z.object({
            store: z.enum(CHAINED_STORES),
            ok: z.boolean(),
            links: z.int().describe('Links that were looked at and good.'),
            purged: z.int().describe('Links that retention removed earlier.'),
            head: z.string().describe('Where the chain ends, `<link>:<mac>`; keep it elsewhere.'),
            broken: Break.nullable().describe('The first thing that is wrong.'),
            gaps: z.array(Break),
          }),
        ),
      }),
      example: { input: {}, outcome: 'ok' },
      async run({ through }, { store, signal }) {
        store.upToDate()
        const options = { signal, through: parsePoint(through) }
        const { dataDir, keys } = store.house
        const report =
          dataDir === ':memory:'
            ? { stores: [await verifyStore('audit', store.database.raw, keys, options)] }
            : await verifyAudit(dataDir, keys, options)
        const stores = report.stores.map(({ store: name, ok, links, purged, head, broken, gaps }) => ({
          ...{ store: name, ok, links, purged },
          head: `${head.seq}:${head.mac.toString('base64url')}`,
          broken: broken ? shownBreak(broken) : null,
          gaps: gaps.map(shownBreak),
        }))
        return { ok: stores.every(({ ok }) => ok), stores }
      },
    }),
  }),
})

function parsePoint(text: string | undefined) {
  const [, seq, mac] = POINT.exec(text ?? '') ?? []
  return seq === undefined || mac === undefined ? undefined : { seq: Number(seq), mac: Buffer.from(mac, 'base64url') }
}

const shownBreak = ({ seq, id, reason }: ChainBreak) => ({ link: seq ?? null, id: id ?? null, reason })
