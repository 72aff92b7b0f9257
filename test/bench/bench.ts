import type { Goal } from './goal.ts'

/** What every bench reports; the rest of a report is its own. */
export interface Report {
  readonly goals: readonly Goal[]
}

/** One thing to measure, as `npm run bench -- <name>` does it. */
export interface Bench {
  readonly name: string
  /** One line for the usage. */
  readonly summary: string
  /** Longer than any honest run, in ms; whatever hangs must not hang the machine that measures. */
  readonly deadlineMs: number
  /**
   * Measure, and leave no process and no file behind.
   *
   * @param quick one short round, to see that everything works
   * @returns the report, and its page for people in Markdown
   */
  run(quick: boolean, note: (line: string) => void): Promise<{ readonly report: Report; readonly page: string }>
}
