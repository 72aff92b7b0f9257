import { z } from 'zod'
import { defineModule } from '../../contract/module.ts'
import { purgeKeptRows } from '../../core/kept-rows.ts'
import { NextCursor, Paging } from '../../core/paging.ts'
import { EXPORT_DESCRIPTION, ExportAsk, ExportPage, exportPage } from '../../core/row-export.ts'
import { requestPages } from './request.pages.ts'
import { openRequestStore, type RequestRow, RequestSettings, type RequestStore, requestRecorder } from './request.store.ts'
import { listRequests } from './request-list.ts'

const Time = z.int().min(0)
const AUTH_PATHS = ['none', 'session', 'token', 'lane', 'system'] as const

const filter = {
  caller: z.string().min(1).max(256).optional().describe('Id of the caller, e.g. `user:1718000000000`.'),
  method: z.string().min(1).max(16).optional(),
  status: z.int().min(100).max(599).optional(),
  statusClass: z.int().min(1).max(5).optional().describe('4 for 400 to 499.'),
  authPath: z.enum(AUTH_PATHS).optional().describe('How the caller proved who they are.'),
  since: Time.optional().describe('Came at this time or later, ms since the epoch.'),
  until: Time.optional().describe('Came at this time or before, ms since the epoch.'),
  search: z.string().min(1).max(100).optional().describe('Part of path, request id, caller’s name, address or user agent.'),
} as const

/** One HTTP request. Times are ms since the epoch. */
const Request = z.object({
  id: z.int(),
  at: z.int(),
  requestId: z.string(),
  method: z.string(),
  path: z.string().describe('Without the query.'),
  status: z.int(),
  durationMs: z.number(),
  authPath: z.enum(AUTH_PATHS),
  callerId: z.string().nullable(),
  callerName: z.string().nullable(),
  address: z.string(),
  userAgent: z.string().nullable(),
})

/** The HTTP access log: one row per request, with the way the caller was authenticated. */
export const request = defineModule<RequestStore, RequestSettings>({
  name: 'request',
  settings: RequestSettings,
  open: openRequestStore,
  httpRecorder: requestRecorder,
  service: purgeKeptRows('request'),
  pages: requestPages,
  operations: (op) => ({
    list: op({
      summary: 'List HTTP requests, newest first.',
      route: 'GET /requests',
      permit: 'request.read',
      effect: 'read',
      input: z.strictObject({ ...filter, ...Paging }),
      output: z.object({ requests: z.array(Request), nextCursor: NextCursor }),
      example: { input: { statusClass: 4, limit: 20 }, outcome: 'ok' },
      async run({ limit, cursor, ...narrow }, { store }) {
        const { rows, nextCursor } = await listRequests(store.upToDate(), narrow, { limit, cursor })
        return { requests: rows.map(shown), nextCursor }
      },
    }),

    export: op({
      summary: 'Export HTTP requests as JSON lines or CSV, newest first, page by page.',
      description: EXPORT_DESCRIPTION,
      route: 'GET /requests/export',
      permit: 'request.export',
      effect: 'read',
      input: z.strictObject({ ...filter, ...ExportAsk }),
      output: ExportPage,
      example: { input: { format: 'csv' }, outcome: 'ok' },
      async run({ format, limit, cursor, ...narrow }, { store }) {
        const { rows, nextCursor } = await listRequests(store.upToDate(), narrow, { limit, cursor })
        return exportPage({ rows: rows.map(shown), nextCursor }, Object.keys(Request.shape), { format, cursor })
      },
    }),
  }),
})

const shown = (row: RequestRow): z.input<typeof Request> => ({
  id: row.id,
  at: row.at,
  requestId: row.request_id,
  method: row.method,
  path: row.path,
  status: row.status,
  durationMs: row.duration_ms,
  authPath: row.auth_path,
  callerId: row.caller_id,
  callerName: row.caller_name,
  address: row.address,
  userAgent: row.user_agent,
})
