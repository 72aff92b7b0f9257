import { z } from 'zod'
import { defineModule } from '../../contract/module.ts'
import { purgeKeptRows } from '../../core/kept-rows.ts'
import { NextCursor, Paging } from '../../core/paging.ts'
import { EXPORT_DESCRIPTION, ExportAsk, ExportPage, exportPage } from '../../core/row-export.ts'
import { logPages } from './log.pages.ts'
import { LEVELS, type Level, type LineRow, LogSettings, type LogStore, openLogStore } from './log.store.ts'
import { listLines } from './log-list.ts'
import { levelName } from './log-sink.ts'

const Time = z.int().min(0)
const LEVEL_NAMES = Object.keys(LEVELS) as Level[]

const filter = {
  level: z.enum(LEVEL_NAMES).optional().describe('This level and above.'),
  upstream: z.string().min(1).max(256).optional().describe('Alias of the upstream that the line is about or that wrote it.'),
  requestId: z.string().min(1).max(256).optional(),
  since: Time.optional().describe('Written at this time or later, ms since the epoch.'),
  until: Time.optional().describe('Written at this time or before, ms since the epoch.'),
  search: z.string().min(1).max(100).optional().describe('Part of the event or the fields.'),
} as const

/** One line of the server log. */
const Line = z.object({
  id: z.int(),
  at: z.int().describe('Ms since the epoch.'),
  level: z.enum(LEVEL_NAMES),
  event: z.string(),
  requestId: z.string().nullable(),
  upstream: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()).describe('Whatever else the line says, redacted.'),
})

/** The server log, kept so that it can be searched. */
export const log = defineModule<LogStore, LogSettings>({
  name: 'log',
  settings: LogSettings,
  open: openLogStore,
  service: purgeKeptRows('log'),
  pages: logPages,
  operations: (op) => ({
    list: op({
      summary: 'List lines of the server log, newest first.',
      route: 'GET /log',
      permit: 'log.read',
      effect: 'read',
      input: z.strictObject({ ...filter, ...Paging }),
      output: z.object({ lines: z.array(Line), nextCursor: NextCursor }),
      example: { input: { level: 'warn', limit: 20 }, outcome: 'ok' },
      async run({ limit, cursor, ...narrow }, { store }) {
        const { rows, nextCursor } = await listLines(store.upToDate(), narrow, { limit, cursor })
        return { lines: rows.map(shown), nextCursor }
      },
    }),

    export: op({
      summary: 'Export lines of the server log as JSON lines or CSV, newest first, page by page.',
      description: EXPORT_DESCRIPTION,
      route: 'GET /log/export',
      permit: 'log.export',
      effect: 'read',
      input: z.strictObject({ ...filter, ...ExportAsk }),
      output: ExportPage,
      example: { input: { format: 'csv' }, outcome: 'ok' },
      async run({ format, limit, cursor, ...narrow }, { store }) {
        const { rows, nextCursor } = await listLines(store.upToDate(), narrow, { limit, cursor })
        return exportPage({ rows: rows.map(shown), nextCursor }, Object.keys(Line.shape), { format, cursor })
      },
    }),
  }),
})

const shown = (row: LineRow): z.input<typeof Line> => ({
  id: row.id,
  at: row.at,
  level: levelName(row.level),
  event: row.event,
  requestId: row.request_id,
  upstream: row.upstream,
  fields: fieldsOf(row.fields),
})

/** Redaction may leave a text where the fields were too many. */
function fieldsOf(text: string): Record<string, unknown> {
  const fields: unknown = JSON.parse(text)
  return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : { fields }
}
