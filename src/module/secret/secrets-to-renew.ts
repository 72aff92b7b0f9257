import { existsSync } from 'node:fs'
import { openDatabase, storePath } from '../../core/database.ts'
import { SECRET_MIGRATIONS, type SecretSchema } from './secret.schema.ts'

/** A secret as somebody has to renew it. */
interface ToRenew {
  readonly name: string
  readonly issuer: string
  /** When its value was set, ms since the epoch. */
  readonly setAt: number
}

/** Every live secret of a data folder, by issuer. Needs no key. */
export async function secretsToRenew(dataDir: string): Promise<ToRenew[]> {
  const path = storePath({ dataDir }, 'secret')
  if (!existsSync(path)) return []
  const { db, close } = await openDatabase<SecretSchema>({ path, migrations: SECRET_MIGRATIONS, synchronous: 'FULL' })
  try {
    return await db
      .selectFrom('secret')
      .innerJoin('version', (join) =>
        join.onRef('version.secret_id', '=', 'secret.id').onRef('version.version', '=', 'secret.current_version'),
      )
      .select(['secret.name', 'secret.issuer', 'version.created_at as setAt'])
      .where('secret.removed_at', 'is', null)
      .orderBy('secret.issuer')
      .orderBy('secret.name')
      .execute()
  } finally {
    await close()
  }
}
