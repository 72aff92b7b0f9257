import type BetterSqlite3 from 'better-sqlite3'
import type { KeptSession, SessionBook, SessionChanges } from '../../contract/session-book.ts'
import type { SessionRow } from './client.schema.ts'

const INSERT = `insert or replace into session (id_hash, key, caller_id, user_id, token_id, source, content, seen_at)
  values (@idHash, @key, @callerId, @userId, @tokenId, @source, @content, @seenAt)`
const UPDATE = 'update session set content = @content, seen_at = @seenAt where id_hash = @idHash'
const BEYOND_OF_CALLER = `delete from session where id_hash in (select id_hash from
  (select id_hash, row_number() over (partition by caller_id order by seen_at desc) as place from session) where place > ?)`
const BEYOND = 'delete from session where id_hash in (select id_hash from session order by seen_at desc limit -1 offset ?)'

/** The book over a store's own statements: a thousand sessions may be opened in a second, and a request waits while one is looked up. */
export function createSessionBook(raw: BetterSqlite3.Database): SessionBook {
  const insert = raw.prepare(INSERT)
  const update = raw.prepare(UPDATE)
  const remove = raw.prepare('delete from session where id_hash = ?')
  const select = raw.prepare('select * from session where id_hash = ?')
  const removeUnseen = raw.prepare('delete from session where seen_at < ?')
  const removeBeyondOfCaller = raw.prepare(BEYOND_OF_CALLER)
  const removeBeyond = raw.prepare(BEYOND)
  const write = raw.transaction(({ begun, changed, ended }: SessionChanges) => {
    for (const session of begun) insert.run(session)
    for (const session of changed) update.run(session)
    for (const idHash of ended) remove.run(idHash)
  })
  return {
    write,
    find(idHash) {
      const row = select.get(idHash) as SessionRow | undefined
      return row && keptOf(row)
    },
    sweep: raw.transaction((seenBefore: number, maxPerCaller: number, max: number) => {
      removeUnseen.run(seenBefore)
      removeBeyondOfCaller.run(maxPerCaller)
      removeBeyond.run(max)
    }),
  }
}

const keptOf = ({ id_hash, key, caller_id, user_id, token_id, source, content, seen_at }: SessionRow): KeptSession => ({
  idHash: id_hash,
  key,
  callerId: caller_id,
  userId: user_id,
  tokenId: token_id,
  source,
  content,
  seenAt: seen_at,
})
