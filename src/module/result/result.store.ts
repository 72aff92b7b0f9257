import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Fault } from '../../contract/fault.ts'
import type { House, Log } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { type Blobs, createFileBlobs, createMemoryBlobs } from './blobs.ts'
import { RESULT_MIGRATIONS, type ResultRow, type ResultSchema } from './result.schema.ts'
import type { ResultSettings } from './result.settings.ts'
import { boundaryAfter, boundaryBefore } from './utf8.ts'

/** A part of a kept result. */
interface Page {
  readonly row: ResultRow
  readonly offset: number
  readonly text: string
  readonly nextOffset: number | null
}

interface NewResult {
  readonly ownerId: string
  readonly tool: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** Results too large to hand over, kept for their callers for a while. */
export interface ResultStore extends Closable {
  readonly settings: ResultSettings
  readonly log: Log
  /** Keep a result; the oldest of the same owner go where it has too much. */
  keep(result: NewResult): Promise<ResultRow>
  /** @throws Fault `not_found` for what is unknown, expired or somebody else's, which all look alike */
  read(ref: string, ownerId: string, offset: number, limitBytes: number): Promise<Page>
  /** Give up what has expired. @returns how many */
  purge(): Promise<number>
}

/** Longest UTF-8 character. */
const CHARACTER_BYTES = 4

/** Open `result.sqlite` and the folder `result`. */
export async function openResultStore(house: House<ResultSettings>): Promise<ResultStore> {
  const { settings, nowMs, nextId, dataDir } = house
  const { db, close } = await openDatabase<ResultSchema>({ ...storeOf(house, 'result'), migrations: RESULT_MIGRATIONS })
  const blobs: Blobs = dataDir === ':memory:' ? createMemoryBlobs() : createFileBlobs(join(dataDir, 'result'))

  const find = async (ref: string, ownerId: string): Promise<ResultRow> => {
    const row = await db
      .selectFrom('result')
      .selectAll()
      .where('ref', '=', ref)
      .where('owner_id', '=', ownerId)
      .where('purged_at', 'is', null)
      .executeTakeFirst()
    if (row !== undefined && row.expires_at > nowMs()) return row
    throw new Fault(
      'not_found',
      `No result is kept under ${ref.slice(0, 40)}. Results are kept for ${settings.keepMs / 60_000} minutes, fewer where many are large; make the call again.`,
    )
  }
  const giveUp = async ({ id, ref }: Pick<ResultRow, 'id' | 'ref'>): Promise<void> => {
    await blobs.remove(ref)
    await db.updateTable('result').set({ purged_at: nowMs() }).where('id', '=', id).execute()
  }
  /** Newest first, so that what was just kept stays. */
  const makeRoom = async (ownerId: string): Promise<void> => {
    const kept = await db
      .selectFrom('result')
      .select(['id', 'ref', 'size_bytes'])
      .where('owner_id', '=', ownerId)
      .where('purged_at', 'is', null)
      .orderBy('id', 'desc')
      .execute()
    let bytes = 0
    for (const [index, row] of kept.entries()) {
      bytes += row.size_bytes
      if (index > 0 && bytes > settings.keepBytesPerCaller) await giveUp(row)
    }
  }
  return {
    settings,
    log: house.log,
    async keep({ ownerId, tool, mediaType, bytes }) {
      const now = nowMs()
      const row: ResultRow = {
        id: nextId(),
        ref: randomBytes(16).toString('base64url'),
        owner_id: ownerId,
        tool,
        media_type: mediaType,
        size_bytes: bytes.length,
        created_at: now,
        expires_at: now + settings.keepMs,
        purged_at: null,
      }
      // The row first: a file that no row knows would never be removed.
      await db.insertInto('result').values(row).execute()
      await blobs.write(row.ref, bytes)
      await makeRoom(ownerId)
      return row
    },
    async read(ref, ownerId, offset, limitBytes) {
      const row = await find(ref, ownerId)
      const bytes = await blobs.read(ref, offset, limitBytes + CHARACTER_BYTES)
      const start = boundaryAfter(bytes, 0)
      const end = boundaryBefore(bytes, Math.max(limitBytes, start + CHARACTER_BYTES))
      const nextOffset = offset + end < row.size_bytes && end > start ? offset + end : null
      return { row, offset: offset + start, text: bytes.subarray(start, end).toString(), nextOffset }
    },
    async purge() {
      const expired = await db
        .selectFrom('result')
        .select(['id', 'ref'])
        .where('purged_at', 'is', null)
        .where('expires_at', '<=', nowMs())
        .limit(1_000)
        .execute()
      for (const row of expired) await giveUp(row)
      return expired.length
    },
    close,
  }
}
