import { sql } from 'kysely'
import type { z } from 'zod'
import { type SecretSummary, summarise } from './secret.shapes.ts'
import type { SecretStore } from './secret.store.ts'

interface ListQuery {
  readonly search?: string | undefined
  readonly removed: boolean
  /** List only what ends before this time, ms since the epoch. */
  readonly expiresBefore?: number | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Secrets by name, a page of them. */
export async function listSecrets(
  store: SecretStore,
  { search, removed, expiresBefore, cursor, limit }: ListQuery,
): Promise<{ secrets: z.output<typeof SecretSummary>[]; nextCursor: string | null }> {
  let query = store.db
    .selectFrom('secret')
    .leftJoin('version', (join) =>
      join.onRef('version.secret_id', '=', 'secret.id').onRef('version.version', '=', 'secret.current_version'),
    )
    .selectAll('secret')
    .select('version.created_at as version_at')
    .where('secret.removed_at', removed ? 'is not' : 'is', null)
    .orderBy('secret.name')
    .orderBy('secret.id')
    .limit(limit + 1)
  if (search) query = query.where(sql<boolean>`secret.name like ${containing(search)} escape '!'`)
  if (expiresBefore !== undefined) query = query.where('secret.expires_at', '<=', expiresBefore)
  if (cursor !== undefined) {
    const [name = '', id = ''] = cursor.split('/')
    query = query.where(({ eb, and, or }) =>
      or([eb('secret.name', '>', name), and([eb('secret.name', '=', name), eb('secret.id', '>', Number(id) || 0)])]),
    )
  }
  const rows = await query.execute()
  const secrets = rows.slice(0, limit).map(({ version_at, ...row }) => summarise(store, row, version_at))
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { secrets, nextCursor: last ? `${last.name}/${last.id}` : null }
}

const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`
