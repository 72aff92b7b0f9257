import type { CheckResult } from './check.ts'
import { judgeLane } from './judge-lane.ts'
import { judgeDisk, judgeEventLoop, judgeMemory, judgeProcess, judgeStore, judgeUpstream } from './judge-parts.ts'
import type { Look } from './look.ts'
import type { MonitorSettings } from './monitor.settings.ts'

/** What a look is compared with; both undefined for the first. */
export interface Before {
  /** The look of the round before. */
  readonly last: Look | undefined
  /** One of some minutes ago. */
  readonly earlier: Look | undefined
}

/** What every check finds. Pure. */
export function judgeLook(look: Look, { last, earlier }: Before, settings: MonitorSettings): CheckResult[] {
  const { at, disk, stores, processes, upstreams, lanes } = look
  const named = <One extends { readonly name: string }>(all: readonly One[] | undefined, name: string) =>
    all?.find((one) => one.name === name)
  return [
    ...processes.map((process) => judgeProcess(process, named(earlier?.processes, process.name) ?? process)),
    ...stores.map((store) => judgeStore(store, settings)),
    ...judgeDisk(disk, settings),
    ...lanes.map((lane) => {
      const before = { last: named(last?.lanes, lane.name), lastAt: last?.at ?? at, earlier: named(earlier?.lanes, lane.name) }
      return judgeLane(lane, before, at, settings)
    }),
    ...upstreams.map((upstream) =>
      judgeUpstream(
        upstream,
        last?.upstreams.find(({ alias }) => alias === upstream.alias),
      ),
    ),
    ...processes.flatMap((process) => judgeEventLoop(process, named(last?.processes, process.name), settings)),
    ...processes.flatMap((process) => judgeMemory(process, settings)),
  ]
}
