import type { Session, SignedIn } from '../../contract/authenticator.ts'
import type { Caller } from '../../contract/caller.ts'
import type { SessionRow } from './access.schema.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'
import type { UserRights } from './rights.ts'
import { isGenuine, sealed } from './sealed-rows.ts'

const HOUR_MS = 3_600_000
/** How stale `last_seen_at` may be, so that not every page writes. */
const SEEN_EVERY_MS = 60_000

/** Begin a web session. Always a new cookie, so that one planted before signing in is worth nothing. */
export async function openSession(store: AccessStore, userId: number, address: string): Promise<SignedIn> {
  const { house, seals, sessionSecrets } = store
  const nowMs = house.nowMs()
  const cookie = sessionSecrets.newCookie()
  const row = sealed(seals, 'session', {
    id: house.nextId(),
    user_id: userId,
    hash: sessionSecrets.hash(cookie),
    address,
    created_at: nowMs,
    last_seen_at: nowMs,
    expires_at: nowMs + house.settings.session.absoluteDays * 24 * HOUR_MS,
    revoked_at: null,
  })
  await store.write((transaction) => transaction.insertInto('session').values(row).execute())
  const rights = await store.rights.ofUser(userId)
  return { cookie, caller: sessionCaller(rights!) }
}

/** What a cookie stands for; `undefined` when its session is unknown, over, forged, or its user disabled. */
export async function findSession(store: AccessStore, cookie: string): Promise<Session | undefined> {
  const row = await rowOf(store, cookie)
  if (!row || !isLive(store, row)) return undefined
  const rights = await store.rights.ofUser(row.user_id)
  if (rights?.state !== 'live') return undefined
  const nowMs = store.house.nowMs()
  if (nowMs - row.last_seen_at >= SEEN_EVERY_MS) {
    await store.db.updateTable('session').set({ last_seen_at: nowMs }).where('id', '=', row.id).execute()
  }
  return { caller: sessionCaller(rights), csrf: store.sessionSecrets.csrf(cookie) }
}

/** End the session of a cookie, if it has one. */
export async function closeSession(store: AccessStore, cookie: string): Promise<void> {
  const row = await rowOf(store, cookie)
  if (row && row.revoked_at === null) await store.change(row.user_id, (transaction) => revoke(store, transaction, row))
}

/** End all sessions of a user, as part of a change. */
export async function closeSessionsOf(store: AccessStore, transaction: AccessTransaction, userId: number): Promise<void> {
  const rows = await transaction
    .selectFrom('session')
    .selectAll()
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute()
  for (const row of rows) await revoke(store, transaction, row)
}

/** End one session, as part of a change. */
export async function revoke(store: AccessStore, transaction: AccessTransaction, row: SessionRow): Promise<void> {
  const { mac, revoked_at } = sealed(store.seals, 'session', { ...row, revoked_at: store.house.nowMs() })
  await transaction.updateTable('session').set({ revoked_at, mac }).where('id', '=', row.id).execute()
}

/** When a session ends if nobody uses it any more. */
export function sessionEnd(store: AccessStore, row: SessionRow): number {
  return Math.min(row.expires_at, row.last_seen_at + store.house.settings.session.idleHours * HOUR_MS)
}

function isLive(store: AccessStore, row: SessionRow): boolean {
  if (row.revoked_at !== null || sessionEnd(store, row) <= store.house.nowMs()) return false
  if (isGenuine(store.seals, 'session', row)) return true
  store.house.log.error({ kind: 'session', id: row.id }, 'access.forged_row')
  return false
}

const rowOf = (store: AccessStore, cookie: string): Promise<SessionRow | undefined> =>
  store.db.selectFrom('session').selectAll().where('hash', '=', store.sessionSecrets.hash(cookie)).executeTakeFirst()

/** Who calls with all rights of a user. */
export function sessionCaller({ user, keys }: UserRights): Caller {
  return { id: `user:${user.id}`, name: user.name, authPath: 'session', userId: user.id, tokenId: undefined, grants: keys }
}
