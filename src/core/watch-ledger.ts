import type { WatchFile } from '../../queue/ledger/watch-file.ts'
import type { Stores } from '../contract/store.ts'
import { watchStore } from './watch-store.ts'

/** Look after the ledgers of lanes as after the stores of modules. */
export const watchLedgerIn =
  (stores: Stores): WatchFile =>
  ({ name, path, raw }) => {
    const store = watchStore({ name, path, raw, onWrite: (seconds) => stores.wrote(name, seconds) })
    return { time: store.time, end: stores.add(store) }
  }
