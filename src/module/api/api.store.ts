import { apiLane } from '../../../queue/api.lane.ts'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { createSigner, type Signer } from '../../core/assertion/signer.ts'
import { openDatabase, storeOf } from '../../core/database.ts'
import { API_MIGRATIONS, type ApiSchema } from './api.schema.ts'
import type { ApiModuleSettings } from './api.settings.ts'
import { type ApiRows, createApiRows } from './api-rows.ts'
import { createLaneHandler } from './lane-handler.ts'
import { createPreviews, type Previews } from './previews.ts'
import { openRegistry, type Registry } from './registry.ts'
import { requireSigningKey } from './require-signing-key.ts'

/** The open store: what is kept, and what can be called. */
export interface ApiStore extends Closable {
  readonly house: House<ApiModuleSettings>
  readonly rows: ApiRows
  readonly registry: Registry
  readonly signer: Signer
  readonly previews: Previews
}

/**
 * Open `api.sqlite` and answer for the lane `api`, also for jobs that an earlier front had begun.
 *
 * @throws TypeError where an API asks for signed assertions and no key signs them
 */
export async function openApiStore(house: House<ApiModuleSettings>): Promise<ApiStore> {
  const database = await openDatabase<ApiSchema>({ ...storeOf(house, 'api'), migrations: API_MIGRATIONS })
  const rows = createApiRows(database.db, house)
  const signer = createSigner(house, house.settings.assertion)
  const close = async (): Promise<void> => {
    signer.close()
    await database.close()
  }
  try {
    const registry = await openRegistry(house, rows)
    await requireSigningKey(registry, signer, house.settings)
    house.queue.handle(apiLane, createLaneHandler({ house, signer, registry }))
    const closeAll = async (): Promise<void> => {
      registry.close()
      await close()
    }
    return { house, rows, registry, signer, previews: createPreviews(), close: closeAll }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
