import type { Answer, Ending, Visit } from './visit.ts'

type Check = (visit: Visit) => void | Promise<void>

/**
 * A module's answers to stages of the door. Each is optional; a stage that nobody answers passes.
 *
 * A check that refuses throws a `Fault`. Return nothing, not a promise, where the answer is known at once: it is cheaper.
 * Stages `find`, `permit`, `parse` and `run` are the core's own; `slot` is answered by the tool's source.
 */
export interface Guards {
  readonly kill?: Check
  readonly limit?: Check
  readonly approve?: Check
  readonly budget?: Check
  readonly screenArguments?: Check
  /** Bring a result under the size cap; may store the rest by reference or throw `too_large`. */
  readonly shape?: (visit: Visit, answer: Answer) => Answer | Promise<Answer>
  readonly screenResult?: (visit: Visit, answer: Answer) => Answer | Promise<Answer>
  /** Write down that the visit has begun; awaited before the tool runs. Called for refused visits too, just before `finish`. */
  readonly begin?: Check
  /** Write down how it ended; awaited before the caller is answered. Must not throw. */
  readonly finish?: (visit: Visit, ending: Ending) => void | Promise<void>
}
