import type { JobState } from '../../src/contract/queue.ts'

/** How a state is written in the file. The partial indexes name these numbers, so none may ever change. */
export const STATE = { scheduled: 0, ready: 1, running: 2, done: 3, cancelled: 4, dead: 5 } as const satisfies Record<
  JobState,
  number
>

const NAMES = Object.keys(STATE) as JobState[]

/** The state that a number stands for. */
export const stateOf = (code: number): JobState => NAMES[code]!
