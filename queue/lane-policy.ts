import type { Lane, LanePolicy } from '../src/contract/lane.ts'
import type { QueueSettings } from './queue.settings.ts'

/** A lane's own policy under what the section `[queue.lanes.<lane>]` says. */
export function policyOf(lane: Lane, settings: QueueSettings): LanePolicy {
  const overrides = (settings.lanes as Record<string, Partial<LanePolicy> | undefined>)[lane.name] ?? {}
  return { ...lane.policy, ...overrides }
}
