import { setTimeout } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { addToOutbox } from '../../core/outbox.ts'
import { ACCESS_MIGRATIONS } from './access.migrations.ts'
import type { AccessSchema } from './access.schema.ts'
import type { AccessSettings } from './access.settings.ts'
import { createPasswordHasher, type PasswordHasher } from './password.ts'
import { createRightsCache, type RightsCache } from './rights-cache.ts'
import { createSeals, type Seals } from './seal.ts'
import { createSessionSecrets, type SessionSecrets } from './session-secrets.ts'
import { createTokenUses, type TokenUses } from './token-uses.ts'

/** What of the house the store stands on; the command line has no more than this. */
export type AccessHouse = Pick<
  House<AccessSettings>,
  'dataDir' | 'settings' | 'nowMs' | 'nextId' | 'log' | 'keys' | 'permits' | 'events' | 'find'
> &
  Partial<Pick<House, 'stores'>>

/** A transaction of the access store. */
export type AccessTransaction = Transaction<AccessSchema>

/** The open store, with all that judging credentials and rights takes. */
export interface AccessStore extends Closable {
  readonly house: AccessHouse
  readonly db: Kysely<AccessSchema>
  readonly seals: Seals
  readonly passwords: PasswordHasher
  readonly sessionSecrets: SessionSecrets
  readonly rights: RightsCache
  readonly uses: TokenUses
  /** Write without announcing it. Repeated when another process got in between, so `work` must do nothing but write. */
  write<Result>(work: (transaction: AccessTransaction) => Promise<Result>): Promise<Result>
  /**
   * Write something that changes rights of one user (`undefined`: of many), and its announcement, in one transaction.
   * When it resolves, no credential is judged by the old state any more.
   */
  change<Result>(userId: number | undefined, work: (transaction: AccessTransaction) => Promise<Result>): Promise<Result>
  /** Called after each change of this process. */
  onChange(listener: () => void): void
}

/** Open `access.sqlite`. Every commit survives a power cut (`synchronous = FULL`). */
export async function openAccessStore(house: AccessHouse): Promise<AccessStore> {
  const { db, close } = await openDatabase<AccessSchema>({
    ...storeOf(house, 'access'),
    migrations: ACCESS_MIGRATIONS,
    synchronous: 'FULL',
  })
  const seals = createSeals(house.keys)
  const rights = createRightsCache({ db, seals, nowMs: house.nowMs, log: house.log })
  const uses = createTokenUses(db)
  const listeners: (() => void)[] = []
  const write = <Result>(work: (transaction: AccessTransaction) => Promise<Result>): Promise<Result> =>
    repeatOnClash(() => db.transaction().execute(work))
  return {
    house,
    db,
    seals,
    passwords: createPasswordHasher(),
    sessionSecrets: createSessionSecrets(house.keys),
    rights,
    uses,
    write,
    async change(userId, work) {
      const result = await write(async (transaction) => {
        // First, because a transaction that begins by writing waits for another process; one that begins by reading is refused.
        await addToOutbox(transaction, { id: house.nextId(), topic: 'access', body: { userId: userId ?? null } }, house.nowMs())
        return work(transaction)
      })
      rights.forget(userId)
      for (const listener of listeners) listener()
      return result
    },
    onChange: (listener) => void listeners.push(listener),
    async close() {
      await uses.flush()
      await close()
    },
  }
}

/** Two processes may write at once (the command line beside the gateway), and may have made the same id in the same millisecond. */
const CLASHES = new Set(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE'])
const MAX_TRIES = 8
const MAX_PAUSE_MS = 25

async function repeatOnClash<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work()
    } catch (thrown) {
      if (tried === MAX_TRIES || !CLASHES.has((thrown as { code?: string }).code ?? '')) throw thrown
      await setTimeout(Math.random() * MAX_PAUSE_MS)
    }
  }
}
