import type { CheckResult } from './check.ts'
import type { SeenLane } from './look.ts'
import type { MonitorSettings } from './monitor.settings.ts'
import { durationOf } from './quantity.ts'

/** What a lane is compared with. */
export interface LaneBefore {
  /** Of the round before. */
  readonly last: SeenLane | undefined
  /** When that was. */
  readonly lastAt: number
  /** Of some minutes ago; what grew since then is news. */
  readonly earlier: SeenLane | undefined
}

type Finding = Pick<CheckResult, 'state' | 'reason'>

const jobs = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'}`
const jobsWait = (count: number): string => `${jobs(count)} of it ${count === 1 ? 'waits' : 'wait'}`

/** Whether a lane keeps up: the first thing that is wrong with it, worst first. */
export function judgeLane(lane: SeenLane, before: LaneBefore, at: number, settings: MonitorSettings): CheckResult {
  const waitMs = lane.oldestReadyAt === null ? 0 : Math.max(0, at - lane.oldestReadyAt)
  const finding =
    (!lane.paused && (withoutWorker(lane, before) ?? dying(lane, before) ?? waitingFarTooLong(lane, waitMs, settings))) ||
    (paused(lane) ?? losing(lane, before) ?? fallingBehind(lane, before, waitMs) ?? waitingTooLong(lane, waitMs, settings))
  return {
    check: 'lane',
    subject: lane.name,
    value: waitMs,
    limit: finding?.state === 'failing' ? settings.laneWaitFailingMs : settings.laneWaitBehindMs,
    ...(finding ?? { state: 'ok', reason: `${jobs(lane.running)} of ${lane.capacity} run, ${lane.ready} wait.` }),
  }
}

/** Workers take a moment to connect after a start, so a first look does not count. */
function withoutWorker({ name, workers, ready, scheduled }: SeenLane, { last }: LaneBefore): Finding | undefined {
  if (workers > 0 || last === undefined || last.workers > 0) return undefined
  const waiting = ready + scheduled
  if (waiting > 0) return { state: 'failing', reason: `No worker serves the lane ${name}, and ${jobsWait(waiting)}.` }
  return { state: 'behind', reason: `No worker serves the lane ${name}. Start one with gatehouse start or gatehouse worker.` }
}

function dying({ name, totals, dead }: SeenLane, { earlier }: LaneBefore): Finding | undefined {
  const died = totals.dead - (earlier?.totals.dead ?? totals.dead)
  if (died <= 0) return undefined
  return { state: 'failing', reason: `${jobs(died)} of the lane ${name} ran out of attempts of late; ${dead} are dead.` }
}

function waitingFarTooLong({ name }: SeenLane, waitMs: number, { laneWaitFailingMs }: MonitorSettings): Finding | undefined {
  if (waitMs <= laneWaitFailingMs) return undefined
  return { state: 'failing', reason: `The oldest job of the lane ${name} has waited for ${durationOf(waitMs)}.` }
}

function paused({ name, paused: isPaused, ready }: SeenLane): Finding | undefined {
  if (!isPaused || ready === 0) return undefined
  return { state: 'behind', reason: `The lane ${name} is paused, and ${jobsWait(ready)}.` }
}

function losing({ name, totals }: SeenLane, { earlier }: LaneBefore): Finding | undefined {
  const lost = totals.lost - (earlier?.totals.lost ?? totals.lost)
  if (lost <= 0) return undefined
  return { state: 'behind', reason: `${jobs(lost)} of the lane ${name} lost a worker of late and began anew.` }
}

/** Full, and whoever waits longest waits longer from look to look: more comes in than goes out. */
function fallingBehind(lane: SeenLane, { last, lastAt }: LaneBefore, waitMs: number): Finding | undefined {
  const places = placesOf(lane)
  if (last === undefined || places === 0 || lane.running < places || last.running < places || last.oldestReadyAt === null)
    return undefined
  if (waitMs <= lastAt - last.oldestReadyAt || lane.ready <= places) return undefined
  const taken = places === 1 ? 'The only place is' : `All ${places} places are`
  const longest = `the oldest of ${jobs(lane.ready)} has waited for ${durationOf(waitMs)}, longer than before`
  return { state: 'behind', reason: `The lane ${lane.name} falls behind: ${taken} taken, and ${longest}.` }
}

/** Places for jobs that are nested in no other; `capacity` holds those for nested ones too, which these cannot take. */
const placesOf = ({ workers, policy: { threads, concurrency } }: SeenLane): number => workers * threads * concurrency

function waitingTooLong({ name }: SeenLane, waitMs: number, { laneWaitBehindMs }: MonitorSettings): Finding | undefined {
  if (waitMs <= laneWaitBehindMs) return undefined
  return { state: 'behind', reason: `The oldest job of the lane ${name} has waited for ${durationOf(waitMs)}.` }
}
