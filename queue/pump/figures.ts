import type { LaneState } from '../../src/contract/queue.ts'
import { RecentHistogram } from './histogram.ts'

/** Why a job was not taken, or given back. */
export type Refusal = 'queuePerToken' | 'maxWaitMs' | 'maxPayloadBytes' | 'no_worker' | 'paused'

/** What a lane has done since the front started. */
export class LaneFigures {
  readonly wait = new RecentHistogram()
  readonly run = new RecentHistogram()
  added = 0
  done = 0
  retried = 0
  cancelled = 0
  dead = 0
  lost = 0
  readonly #refused: Partial<Record<Refusal, number>> = {}

  refuse(why: Refusal): void {
    this.#refused[why] = (this.#refused[why] ?? 0) + 1
  }

  totals(): LaneState['totals'] {
    const { added, done, retried, cancelled, dead, lost } = this
    return { added, done, retried, cancelled, dead, lost, refused: { ...this.#refused } }
  }
}
