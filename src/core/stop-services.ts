import type { Log } from '../contract/house.ts'
import type { Closable, Service } from '../contract/module.ts'

/** Stop what was started, last first, then close the stores; one that fails does not keep the others open. */
export async function stopServices(services: readonly Service[], stores: readonly Closable[], log: Log): Promise<void> {
  for (const service of services.toReversed()) {
    await service.stop().catch((cause: unknown) => log.error({ err: cause }, 'stop.service_failed'))
  }
  for (const store of stores.toReversed()) {
    await store.close().catch((cause: unknown) => log.error({ err: cause }, 'stop.store_failed'))
  }
}
