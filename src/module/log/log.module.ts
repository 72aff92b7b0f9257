import { z } from 'zod'
import { defineModule } from '../../contract/module.ts'
import { EXPORT_FORMATS, exportRows } from '../../core/row-export.ts'
import { logPages } from './log.pages.ts'
import { LEVELS, type Level, type LineRow, LogSettings, type LogStore, logService, openLogStore } from './log.store.ts'
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

const Cursor = z.string().regex(/^\d{1,16}$/, 'Expected the nextCursor of an earlier answer')
const NextCursor = z.string().nullable().describe('Ask again with it for older lines, even after a page that is not full.')

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
  service: logService,
  pages: logPages,
  operations: (op) => ({
    list: op({
      summary: 'List lines of the server log, newest first.',
      route: 'GET /log',
      permit: 'log.read',
      effect: 'read',
      input: z.strictObject({ ...filter, limit: z.int().min(1).max(200).default(50), cursor: Cursor.optional() }),
      output: z.object({ lines: z.array(Line), nextCursor: NextCursor }),
      example: { input: { level: 'warn', limit: 20 }, outcome: 'ok' },
      async run({ limit, cursor, ...narrow }, { store }) {
        const { rows, nextCursor } = await listLines(store.upToDate(), narrow, { limit, cursor })
        return { lines: rows.map(shown), nextCursor }
      },
    }),

    export: op({
      summary: 'Export lines of the server log as JSON lines or CSV, newest first, page by page.',
      description:
        'Put the texts of all pages together. In CSV, texts that a spreadsheet would run as a formula begin with an apostrophe.',
      route: 'GET /log/export',
      permit: 'log.export',
      effect: 'read',
      input: z.strictObject({
        ...filter,
        format: z.enum(EXPORT_FORMATS).default('jsonl'),
        limit: z.int().min(1).max(2_000).default(1_000),
        cursor: Cursor.optional(),
      }),
      output: z.object({ format: z.enum(EXPORT_FORMATS), text: z.string(), rows: z.int(), nextCursor: NextCursor }),
      example: { input: { format: 'csv' }, outcome: 'ok' },
      async run({ format, limit, cursor, ...narrow }, { store }) {
        const page = await listLines(store.upToDate(), narrow, { limit, cursor })
        const columns = Object.keys(Line.shape)
        const { text, rows } = exportRows(page.rows.map(shown), { format, columns, first: cursor === undefined })
        return { format, text, rows, nextCursor: rows < page.rows.length ? String(page.rows[rows - 1]!.id) : page.nextCursor }
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
