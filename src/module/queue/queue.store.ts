import type { House } from '../../contract/house.ts'
import { createPlaceNames, type PlaceNames } from './place-names.ts'

/** The module keeps nothing: lanes and jobs belong to the house's queue. */
export interface QueueStore {
  readonly house: House
  readonly names: PlaceNames
  close(): Promise<void>
}

/** Nothing is opened, so nothing can fail. */
export const openQueueStore = async (house: House): Promise<QueueStore> => ({
  house,
  names: createPlaceNames(house),
  close: async () => {},
})
