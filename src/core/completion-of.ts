import { z } from 'zod'
import type { RelayedResult } from '../contract/visit.ts'

/** Values that MCP lets a server suggest at once. */
const MAX_VALUES = 100

/** What an operation answers that asks a server for suggestions (MCP `completion/complete`). */
export const Completion = z.object({
  values: z.array(z.string()).describe(`At most ${MAX_VALUES}, the best first.`),
  total: z.int().nullable().describe('How many there are, where the server says it.'),
  hasMore: z.boolean(),
})

/** What of a server's answer are suggestions; whatever else it says is left out. */
export function completionOf(result: RelayedResult): z.output<typeof Completion> {
  const { values, total, hasMore } = (result['completion'] ?? {}) as Readonly<Record<string, unknown>>
  return {
    values: (Array.isArray(values) ? values : []).filter((value) => typeof value === 'string').slice(0, MAX_VALUES),
    total: Number.isSafeInteger(total) ? (total as number) : null,
    hasMore: hasMore === true,
  }
}
