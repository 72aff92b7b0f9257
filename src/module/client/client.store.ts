import type { Kysely } from 'kysely'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import type { SessionBook } from '../../contract/session-book.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { CLIENT_MIGRATIONS, type ClientSchema } from './client.schema.ts'
import { createSessionBook } from './create-session-book.ts'

export interface ClientStore extends Closable {
  readonly house: House
  readonly db: Kysely<ClientSchema>
  readonly book: SessionBook
}

/** Open `client.sqlite`. A power cut may take the last moments of it: a session that is not found begins anew. */
export async function openClientStore(house: House): Promise<ClientStore> {
  const { db, raw, close } = await openDatabase<ClientSchema>({ ...storeOf(house, 'client'), migrations: CLIENT_MIGRATIONS })
  return { house, db, book: createSessionBook(raw), close }
}
