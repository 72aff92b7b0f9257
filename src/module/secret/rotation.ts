import { Fault } from '../../contract/fault.ts'
import { nextTurn } from '../../core/next-turn.ts'
import { liveWraps, makeDataKey } from './data-keys.ts'
import { isGenuine, sealRow } from './row-seal.ts'
import type { DataKeyRow, SecretRow, VersionRow } from './secret.schema.ts'
import type { SecretStore, SecretTransaction } from './secret.store.ts'
import { openVersion, sealVersion } from './secret-rows.ts'

type Ground = Pick<SecretStore, 'db' | 'keyRing' | 'master' | 'house'>

/** Rows of one transaction: a few milliseconds, so that nobody waits long. */
const BATCH = 50

/**
 * Encrypts every value anew under a fresh data key, while they are used.
 *
 * Each batch is one transaction, and a row says under which key it stands: a killed process goes on with what is left, and both keys open
 * their rows until the last one is done.
 */
export class Rotation {
  readonly #ground: Ground
  #running: Promise<void> | undefined
  #stopping = false

  constructor(ground: Ground) {
    this.#ground = ground
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Rows that still stand under an older key. */
  async remaining(): Promise<number> {
    const { db, keyRing } = this.#ground
    const count = (table: 'secret' | 'version') =>
      db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('rows'))
        .where('data_key_id', '<>', keyRing.newest.id)
        .executeTakeFirstOrThrow()
    const [secrets, versions] = await Promise.all([count('secret'), count('version')])
    return Number(secrets.rows) + Number(versions.rows)
  }

  /**
   * Begin; does not wait for the end. Nothing new begins while one is running.
   *
   * @throws Fault `conflict` while the master key itself is being changed
   */
  async begin(): Promise<void> {
    if (this.#running) return
    const { db, keyRing, master, house } = this.#ground
    const { key, row } = makeDataKey(master, house.nextId(), house.nowMs())
    await db.transaction().execute(async (transaction) => {
      // Written first, so that no other process can add a wrap under a further master between looking and writing.
      await transaction.insertInto('data_key').values(row).execute()
      const others = (await liveWraps(transaction)).filter(({ id }) => id !== row.id)
      if (hasSuccessor(others, master.id)) throw masterChanging()
    })
    keyRing.add(key)
    this.resume()
  }

  /** What a start has to do: after a change of the master key encrypt everything anew, else go on with what is left. */
  async pickUp(): Promise<void> {
    const { db, keyRing, master } = this.#ground
    const wraps = await liveWraps(db)
    const isUnderOther = wraps.some((wrap) => wrap.data_key_id === keyRing.newest.id && wrap.master_id !== master.id)
    if (isUnderOther && !hasSuccessor(wraps, master.id)) await this.begin()
    else this.resume()
  }

  /** Go on with what is left of an earlier one. */
  resume(): void {
    if (this.#running) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
    // Whoever wants to know asks `finished`; the log has it in any case.
    this.#running.catch((cause: unknown) => this.#ground.house.log.error({ err: cause }, 'secret.rotation_failed'))
  }

  /** Resolves when nothing runs any more. @throws what it failed with */
  async finished(): Promise<void> {
    await this.#running
  }

  /** End after the batch that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running?.catch(() => undefined)
  }

  async #run(): Promise<void> {
    const { house } = this.#ground
    let rows = 0
    for (;;) {
      if (this.#stopping) return
      const moved = await this.#batch()
      if (moved === 0) break
      rows += moved
      await nextTurn()
    }
    const retired = await this.#retire()
    if (rows + retired === 0) return
    house.log.info({ rows, retiredKeys: retired }, 'secret.rotated')
    house.events.publish('secret', { name: undefined })
  }

  /** @returns how many rows it brought under the newest key */
  #batch(): Promise<number> {
    const { db, keyRing } = this.#ground
    const { id } = keyRing.newest
    return db.transaction().execute(async (transaction) => {
      const versions = await transaction.selectFrom('version').selectAll().where('data_key_id', '<>', id).limit(BATCH).execute()
      for (const row of versions) await this.#moveVersion(transaction, row)
      if (versions.length > 0) return versions.length
      const secrets = await transaction.selectFrom('secret').selectAll().where('data_key_id', '<>', id).limit(BATCH).execute()
      for (const row of secrets) await this.#moveSecret(transaction, row)
      return secrets.length
    })
  }

  async #moveVersion(transaction: SecretTransaction, row: VersionRow): Promise<void> {
    const { keyRing, house } = this.#ground
    const isGood = isGenuine(keyRing.get(row.data_key_id), 'version', row)
    if (isGood && row.destroyed_at !== null) {
      await transaction
        .updateTable('version')
        .set(sealRow(keyRing.newest, 'version', row))
        .where('id', '=', row.id)
        .execute()
      return
    }
    const text = openVersion(keyRing, row.name, row)
    if (text === undefined) house.log.error({ name: row.name, version: row.version }, 'secret.tampered')
    // What was changed stays as it is, and unreadable.
    const moved = text === undefined ? { data_key_id: keyRing.newest.id } : sealVersion(keyRing, row, text)
    await transaction.updateTable('version').set(moved).where('id', '=', row.id).execute()
  }

  async #moveSecret(transaction: SecretTransaction, row: SecretRow): Promise<void> {
    const { keyRing, house } = this.#ground
    const isGood = isGenuine(keyRing.get(row.data_key_id), 'secret', row)
    if (!isGood) house.log.error({ name: row.name }, 'secret.tampered')
    const moved = isGood ? sealRow(keyRing.newest, 'secret', row) : { data_key_id: keyRing.newest.id }
    await transaction.updateTable('secret').set(moved).where('id', '=', row.id).execute()
  }

  /** Make every older key, and every wrap under an older master, open nothing any more. */
  async #retire(): Promise<number> {
    const { db, keyRing, master, house } = this.#ground
    const wraps = await liveWraps(db)
    if (hasSuccessor(wraps, master.id)) return 0
    const old = wraps.filter((wrap) => wrap.master_id !== master.id || wrap.data_key_id !== keyRing.newest.id)
    if (old.length === 0) return 0
    const nothing = Buffer.alloc(0)
    await db
      .updateTable('data_key')
      .set({ retired_at: house.nowMs(), nonce: nothing, sealed: nothing })
      .where(
        'id',
        'in',
        old.map(({ id }) => id),
      )
      .execute()
    return old.length
  }
}

/** Whether a later master key was given the data keys already: it is used from the next start on. */
function hasSuccessor(wraps: readonly DataKeyRow[], masterId: string): boolean {
  const mine = wraps.filter(({ master_id }) => master_id === masterId)
  const latest = Math.max(...mine.map(({ created_at }) => created_at))
  return wraps.some(({ master_id, created_at }) => master_id !== masterId && created_at > latest)
}

const masterChanging = (): Fault =>
  new Fault(
    'conflict',
    'The master key is being changed: restart the gateway with its new ACCESS_CONTROL_KEY first. It then encrypts everything anew by itself.',
  )
