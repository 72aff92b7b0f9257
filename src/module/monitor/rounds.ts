import type { House } from '../../contract/house.ts'
import type { CheckResult } from './check.ts'
import type { History } from './history.ts'
import { judgeLook } from './judge-look.ts'
import type { Look } from './look.ts'
import { lookAround } from './look-around.ts'
import type { MonitorSettings } from './monitor.settings.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What counts as of late. */
const OF_LATE_MS = 300_000

/** One round of checks. */
export interface Round {
  readonly look: Look
  readonly results: readonly CheckResult[]
  readonly verdict: Verdict
  /** Since when the verdict is what it is, ms since the epoch. */
  readonly since: number
}

/** Not so where somebody set the clock back meanwhile. */
const isOfLate = (earlier: Look, { at }: Look): boolean => earlier.at >= at - OF_LATE_MS && earlier.at <= at

/** Rounds of checks, one at a time. */
export interface Rounds {
  /** The last one that ended. */
  readonly last: Round | undefined
  /** Check everything now; whoever asks meanwhile gets the same round. */
  run(): Promise<Round>
}

/** Judges what it sees, keeps it and announces it. */
export function createRounds(house: House<MonitorSettings>, history: History): Rounds {
  const looks: Look[] = []
  let last: Round | undefined
  let running: Promise<Round> | undefined

  const round = async (): Promise<Round> => {
    const look = await lookAround(house)
    const results = judgeLook(look, { last: looks.at(-1), earlier: looks[0] }, house.settings)
    looks.push(look)
    while (looks.length > 1 && !isOfLate(looks[0]!, look)) looks.shift()
    const verdict = verdictOf(results)
    last = { look, results, verdict, since: last?.verdict.state === verdict.state ? last.since : look.at }
    // Also where a full disk lets nothing be kept of it.
    await history.add(look, results).finally(() => house.events.publish('monitor', { verdict: verdict.state }))
    return last
  }
  return {
    get last() {
      return last
    },
    run() {
      running ??= round().finally(() => {
        running = undefined
      })
      return running
    },
  }
}
