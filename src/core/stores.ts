import type { Meter } from '../contract/meter.ts'
import type { StoreProbe, StoreState, Stores, WatchedStore } from '../contract/store.ts'
import { nextTurn } from './next-turn.ts'

/** 50 µs to 5 s. */
const WRITE_SECONDS = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5]

/** The register of one gateway's stores, and their metrics. */
export function createStores(meter: Meter): Stores {
  const stores = new Set<WatchedStore>()
  const states = (): readonly StoreState[] => [...stores].map((store) => store.state())
  const each = (pick: (state: StoreState) => number) => () =>
    states().map((state) => ({ labels: { store: state.name }, value: pick(state) }))
  const labels = ['store']
  const writes = meter.histogram(
    'gatehouse_store_write_seconds',
    'Writes: statements by themselves, commits, whole raw transactions.',
    labels,
    WRITE_SECONDS,
  )
  meter.tally(
    'gatehouse_store_busy_total',
    'Writes that found the file locked for too long.',
    labels,
    each(({ busy }) => busy),
  )
  meter.tally(
    'gatehouse_store_failed_writes_total',
    'Writes that the file did not take: locked, full, read-only or broken.',
    labels,
    each(({ failed }) => failed),
  )
  meter.gauge(
    'gatehouse_store_file_bytes',
    'Size of the database file.',
    labels,
    each(({ fileBytes }) => fileBytes),
  )
  meter.gauge(
    'gatehouse_store_wal_bytes',
    'Size of the write-ahead log.',
    labels,
    each(({ walBytes }) => walBytes),
  )
  return {
    add(store) {
      stores.add(store)
      return () => stores.delete(store)
    },
    states,
    wrote: (name, seconds) => writes.observe({ store: name }, seconds),
    async probe() {
      const probes: StoreProbe[] = []
      for (const store of [...stores]) {
        if (!stores.has(store)) continue
        probes.push(store.probe())
        await nextTurn()
      }
      return probes
    },
  }
}
