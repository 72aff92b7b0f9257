import type { Service } from '../../contract/module.ts'
import type { ClientStore } from './client.store.ts'
import { forgetLost } from './forget-lost.ts'

/** Looks at the start whose credentials were taken back meanwhile, and from then on whenever rights change. */
export function clientService(store: ClientStore): Service {
  const { events, log } = store.house
  let unsubscribe: (() => void) | undefined
  let working: Promise<void> = Promise.resolve()
  const forget = (userId: number | undefined): void => {
    working = working
      .then(() => forgetLost(store, userId))
      .catch((err: unknown) => log.error({ err }, 'client.sessions_not_forgotten'))
  }
  return {
    async start() {
      unsubscribe = events.subscribe('access', ({ userId }) => forget(userId))
      forget(undefined)
    },
    async stop() {
      unsubscribe?.()
      await working
    },
  }
}
