import { statfs } from 'node:fs/promises'
import type { House } from '../../contract/house.ts'
import type { Disk, Look, SeenUpstream } from './look.ts'

/** Look at everything once. Writes a page to each store, and asks nobody through the door: what is in the metrics already needs no record. */
export async function lookAround(house: House): Promise<Look> {
  const at = house.nowMs()
  const [disk, probes] = await Promise.all([freeRoom(house.dataDir), house.stores.probe()])
  const walBytes = new Map(house.stores.states().map((state) => [state.name, state.walBytes]))
  return {
    at,
    disk,
    stores: probes.map((probe) => ({ ...probe, walBytes: walBytes.get(probe.name) ?? 0 })),
    processes: house.processes(),
    upstreams: seenUpstreams(house),
    lanes: house.queue.lanes(),
  }
}

async function freeRoom(dataDir: string): Promise<Disk | null> {
  if (dataDir === ':memory:') return null
  try {
    const { bavail, blocks, bsize } = await statfs(dataDir)
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
  } catch {
    // Some file systems do not say; then nothing is held against them.
    return null
  }
}

function seenUpstreams({ meter }: House): SeenUpstream[] {
  const current = meter.readings('gatehouse_upstream_state').filter(({ value }) => value === 1)
  const stateOf = new Map(current.map(({ labels }) => [labels['upstream'], labels['state']]))
  return meter.readings('gatehouse_upstream_wanted').map(({ labels, value }) => ({
    alias: labels['upstream']!,
    wanted: value === 1,
    state: stateOf.get(labels['upstream']) ?? 'error',
  }))
}
