import type { Service } from '../../contract/module.ts'
import { type OutboxRelay, startOutbox } from '../../core/outbox.ts'
import type { AccessStore } from './access.store.ts'

const LOOK_EVERY_MS = 1_000
const FLUSH_EVERY_MS = 5_000

/**
 * Announces changes of rights as `access` events: those of this process at once, those that the command line wrote in another
 * process, and rights that ran out, within a second. Also writes down now and then how often tokens were used.
 */
export function accessService(store: AccessStore): Service {
  const { house } = store
  let relay: OutboxRelay | undefined
  let timers: NodeJS.Timeout[] = []
  let lookedAt = house.nowMs()
  let expiring: Promise<void> = Promise.resolve()
  let flushing: Promise<void> = Promise.resolve()

  const announceExpired = async (): Promise<void> => {
    const since = lookedAt
    lookedAt = house.nowMs()
    for (const userId of await expiredOwners(store, since, lookedAt)) house.events.publish('access', { userId })
  }
  const logged = (event: string, work: Promise<void>): Promise<void> =>
    work.catch((cause: unknown) => house.log.error({ err: cause }, event))
  return {
    async start() {
      relay = startOutbox({
        db: store.db,
        deliver({ body }) {
          const userId = (body as { userId: number | null }).userId ?? undefined
          store.rights.forget(userId)
          house.events.publish('access', { userId })
        },
        nowMs: house.nowMs,
        log: house.log,
        pollMs: LOOK_EVERY_MS,
      })
      store.onChange(() => void relay?.wake())
      timers = [
        setInterval(() => (expiring = logged('access.expiry_failed', announceExpired())), LOOK_EVERY_MS).unref(),
        setInterval(() => (flushing = logged('access.flush_failed', store.uses.flush())), FLUSH_EVERY_MS).unref(),
      ]
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      const stopping = relay
      relay = undefined
      await Promise.all([expiring, flushing, stopping?.stop()])
    },
  }
}

/** Users of whom a grant or token ran out in a stretch of time. */
async function expiredOwners({ db }: AccessStore, sinceMs: number, untilMs: number): Promise<ReadonlySet<number>> {
  const grants = db.selectFrom('grant').select('user_id').where('expires_at', '>', sinceMs).where('expires_at', '<=', untilMs)
  const tokens = db.selectFrom('token').select('user_id').where('expires_at', '>', sinceMs).where('expires_at', '<=', untilMs)
  return new Set((await grants.union(tokens).execute()).map(({ user_id }) => user_id))
}
