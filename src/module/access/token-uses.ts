import type { Kysely } from 'kysely'
import type { AccessSchema } from './access.schema.ts'

/** Counts uses of tokens in memory and writes them now and then, so that no call waits for it. */
export interface TokenUses {
  count(tokenId: number, nowMs: number): void
  /** Write what was counted so far. */
  flush(): Promise<void>
}

interface Use {
  count: number
  lastUsedAt: number
}

/** Uses of the tokens of one store. */
export function createTokenUses(db: Kysely<AccessSchema>): TokenUses {
  let uses = new Map<number, Use>()
  return {
    count(tokenId, nowMs) {
      const use = uses.get(tokenId)
      if (!use) {
        uses.set(tokenId, { count: 1, lastUsedAt: nowMs })
        return
      }
      use.count += 1
      use.lastUsedAt = nowMs
    },
    async flush() {
      if (uses.size === 0) return
      const batch = uses
      uses = new Map()
      await db.transaction().execute(async (transaction) => {
        for (const [id, { count, lastUsedAt }] of batch) {
          await transaction
            .updateTable('token')
            .set((row) => ({ use_count: row('use_count', '+', count), last_used_at: lastUsedAt }))
            .where('id', '=', id)
            .execute()
        }
      })
    },
  }
}
