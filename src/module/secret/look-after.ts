import { destroyVersion, writeSecret } from './change-secret.ts'
import { learn } from './known-secrets.ts'
import { isGenuine } from './row-seal.ts'
import type { SecretRow } from './secret.schema.ts'
import type { SecretStore } from './secret.store.ts'
import { versionsOf } from './secret-rows.ts'

const DAY_MS = 86_400_000

/** What is due every hour: reminders of secrets that end, the end of values that nobody may need any more, and what a rotation left undone. */
export async function lookAfter(store: SecretStore, nowMs: number, signal: AbortSignal): Promise<void> {
  store.rotation.resume()
  await remind(store, nowMs, signal)
  await destroyOld(store, nowMs, signal)
  await destroyRemoved(store, nowMs, signal)
}

/** The reminder that is due, in days before the end; `undefined` where it was given already, or none is due yet. Pure. */
function reminderDue(
  row: Pick<SecretRow, 'expires_at' | 'reminded_days'>,
  nowMs: number,
  remindDays: readonly number[],
): number | undefined {
  if (row.expires_at === null) return undefined
  const leftDays = (row.expires_at - nowMs) / DAY_MS
  const due = Math.min(...remindDays.filter((days) => leftDays <= days), Number.POSITIVE_INFINITY)
  return Number.isFinite(due) && (row.reminded_days === null || due < row.reminded_days) ? due : undefined
}

async function remind(store: SecretStore, nowMs: number, signal: AbortSignal): Promise<void> {
  const { db, house } = store
  const { remindDays } = house.settings
  const rows = await db
    .selectFrom('secret')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('expires_at', '<=', nowMs + Math.max(0, ...remindDays) * DAY_MS)
    .execute()
  for (const row of rows) {
    signal.throwIfAborted()
    const due = reminderDue(row, nowMs, remindDays)
    if (due === undefined || !isGenuine(store.keyRing.get(row.data_key_id), 'secret', row)) continue
    const { name, issuer, expires_at: expiresAt } = row
    const usedBy = store.uses.of(name).map(({ by }) => by)
    house.log.warn({ name, issuer, expiresAt, usedBy }, expiresAt! <= nowMs ? 'secret.expired' : 'secret.expires')
    await writeSecret(store, db, row, { reminded_days: due })
  }
}

async function destroyOld(store: SecretStore, nowMs: number, signal: AbortSignal): Promise<void> {
  const rows = await store.db
    .selectFrom('version')
    .selectAll()
    .where('usable_until', '<=', nowMs)
    .where('destroyed_at', 'is', null)
    .execute()
  for (const row of rows) {
    signal.throwIfAborted()
    if (!isGenuine(store.keyRing.get(row.data_key_id), 'version', row)) continue
    await destroyVersion(store, row)
    await learn(store, { id: row.secret_id, name: row.name })
  }
}

async function destroyRemoved(store: SecretStore, nowMs: number, signal: AbortSignal): Promise<void> {
  const before = nowMs - store.house.settings.keepRemovedDays * DAY_MS
  const rows = await store.db
    .selectFrom('secret')
    .selectAll()
    .where('removed_at', '<=', before)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('version')
          .select('version.id')
          .whereRef('version.secret_id', '=', 'secret.id')
          .where('version.destroyed_at', 'is', null),
      ),
    )
    .execute()
  for (const row of rows) {
    signal.throwIfAborted()
    if (!isGenuine(store.keyRing.get(row.data_key_id), 'secret', row)) continue
    for (const version of await versionsOf(store, row.id)) if (version.destroyed_at === null) await destroyVersion(store, version)
    await learn(store, row)
  }
}
