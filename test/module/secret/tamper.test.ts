import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { openSecretStore } from '../../../src/module/secret/secret.store.ts'
import { openSecrets } from './open-secrets.ts'

const VALUE = 'kept-value-51378'

/** Something else than what stands there, of the same kind. */
function other(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value.map((byte, index) => (index === 3 ? byte ^ 1 : byte)))
  if (typeof value === 'number') return value + 1
  if (value === null) return 1
  return `${String(value).slice(0, -1)}${String(value).endsWith('x') ? 'y' : 'x'}`
}

const COLUMNS = {
  secret: [
    'id',
    'name',
    'description',
    'issuer',
    'current_version',
    'expires_at',
    'reminded_days',
    'created_at',
    'created_by',
    'updated_at',
    'updated_by',
    'data_key_id',
    'mac',
  ],
  version: [
    'id',
    'secret_id',
    'name',
    'version',
    'nonce',
    'sealed',
    'created_at',
    'created_by',
    'superseded_at',
    'usable_until',
    'data_key_id',
    'mac',
  ],
} as const

const CASES = Object.entries(COLUMNS).flatMap(([table, columns]) => columns.map((column) => [table, column] as const))

describe('a row that somebody else changed counts for nothing', () => {
  test('and every column of the tables is tried', async () => {
    const { store } = await openSecrets()

    for (const [table, columns] of Object.entries(COLUMNS)) {
      const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(store.db)
      // These two take a row away instead of changing it, and have their own test.
      const own = rows.map(({ name }) => name).filter((name) => !['removed_at', 'destroyed_at'].includes(name))
      expect([...columns].sort()).toEqual(own.sort())
    }
  })

  test.each(CASES)('%s.%s', async (table, column) => {
    const { store, call, refused } = await openSecrets()
    await call('secret_create', { name: 'github', value: VALUE, description: 'd', issuer: 'i' })
    const before = (await sql<any>`select * from ${sql.table(table)}`.execute(store.db)).rows[0]
    await sql`pragma foreign_keys = off`.execute(store.db)

    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${other(before[column])}`.execute(store.db)

    const name = table === 'secret' && column === 'name' ? String(other('github')) : 'github'
    const fault = await refused('secret_reveal', { name, reason: 'test' })
    expect(['unavailable', 'not_found']).toContain(fault.code)
    expect(fault.message).not.toContain(VALUE)
    expect((await call('secret_list')).secrets).toHaveLength(1)
  })

  test.each(['removed_at', 'destroyed_at'])(
    '%s set by somebody else destroys nothing: taking it back is enough',
    async (column) => {
      const table = column === 'removed_at' ? 'secret' : 'version'
      const { store, call, refused } = await openSecrets()
      await call('secret_create', { name: 'github', value: VALUE })

      await sql`update ${sql.table(table)} set ${sql.ref(column)} = 1`.execute(store.db)
      const fault = await refused('secret_reveal', { name: 'github', reason: 'test' })
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = null`.execute(store.db)

      expect(fault.code).toBe('not_found')
      expect(await call('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ value: VALUE })
    },
  )

  test('a value that was moved to another name is nobody’s', async () => {
    const { store, call, refused } = await openSecrets()
    await call('secret_create', { name: 'mine', value: VALUE })
    await call('secret_create', { name: 'theirs', value: 'another-value-99' })
    const [mine, theirs] = await store.db.selectFrom('version').selectAll().orderBy('id').execute()

    const { nonce, sealed, mac } = theirs!
    await store.db.updateTable('version').set({ nonce, sealed, mac }).where('id', '=', mine!.id).execute()

    expect(await refused('secret_reveal', { name: 'mine', reason: 'test' })).toMatchObject({ code: 'unavailable' })
  })

  test('an old value that was put back in its place is found out', async () => {
    const { store, call, refused } = await openSecrets()
    await call('secret_create', { name: 'github', value: VALUE })
    const [old] = await store.db.selectFrom('secret').selectAll().execute()
    await call('secret_set', { name: 'github', value: 'newer-value-4711' })

    await store.db.updateTable('secret').set({ current_version: 1 }).execute()
    expect(await refused('secret_reveal', { name: 'github', reason: 'test' })).toMatchObject({ code: 'unavailable' })

    expect(old!.current_version).toBe(1)
  })
})

test.each(['data_key_id', 'master_id', 'nonce', 'sealed'])(
  'a data key whose %s was changed refuses the start',
  async (column) => {
    const { store, call } = await openSecrets({ onDisk: true })
    await call('secret_create', { name: 'github', value: VALUE })
    const [row] = (await sql<any>`select * from data_key`.execute(store.db)).rows

    await sql`update data_key set ${sql.ref(column)} = ${other(row[column])}`.execute(store.db)

    await expect(openSecretStore(store.house)).rejects.toThrow(TypeError)
  },
)
