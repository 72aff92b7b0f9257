import { z } from 'zod'
import { defineModule } from '../../contract/module.ts'
import { resultSettings } from './result.settings.ts'
import { openResultStore } from './result.store.ts'
import { shapeResult } from './shape-result.ts'

const PURGE_EVERY_MS = 60_000

/** Results too large to hand over: cut for the caller, kept whole by reference. */
export const result = defineModule({
  name: 'result',
  settings: resultSettings,
  open: openResultStore,
  operations: (op) => ({
    get: op({
      summary: 'Read a large result of one of your own calls, part by part.',
      description: 'A result that was cut names its ref. Go on at nextOffset until it is null.',
      route: 'GET /results/:ref',
      permit: 'result.read',
      effect: 'read',
      input: z.strictObject({
        ref: z.string().regex(/^[\w-]{22}$/, 'A ref has 22 letters, digits, _ and -'),
        offset: z.int().min(0).default(0).describe('In bytes'),
        limit: z.int().min(16).max(524_288).default(65_536).describe('At most so many bytes'),
      }),
      output: z.object({
        ref: z.string(),
        tool: z.string(),
        mediaType: z.string().describe('text/plain, or application/json for the whole MCP result'),
        totalBytes: z.int(),
        offset: z.int(),
        text: z.string(),
        nextOffset: z.int().nullable(),
        expiresAt: z.int(),
      }),
      example: { input: { ref: 'AAAAAAAAAAAAAAAAAAAAAA' }, outcome: 'not_found' },
      async run({ ref, offset, limit }, { store, caller }) {
        const { row, ...page } = await store.read(ref, caller.id, offset, limit)
        return { ref, tool: row.tool, mediaType: row.media_type, totalBytes: row.size_bytes, expiresAt: row.expires_at, ...page }
      },
    }),
  }),
  guards: (store) => ({ shape: (visit, answer) => shapeResult(store, visit, answer) }),
  service: (store) => {
    let timer: NodeJS.Timeout | undefined
    let purging: Promise<unknown> = Promise.resolve()
    return {
      async start() {
        await store.purge()
        timer = setInterval(() => {
          // One that fails is tried again a minute later.
          purging = store.purge().catch((cause: unknown) => store.log.warn({ err: cause }, 'result.purge_failed'))
        }, PURGE_EVERY_MS)
        timer.unref()
      },
      async stop() {
        clearInterval(timer)
        await purging
      },
    }
  },
})
