/** One way to run the workload. */
export interface Leg {
  readonly name: string
  /** Runs in one measurement of a round. */
  readonly runs: number
  /** Runs before the first round. V8 counts calls before it compiles for good: some thousand for what is called once in a run. */
  readonly warmUpRuns: number
  /** Once, from JSON text to JSON text. */
  run(): Promise<string>
  close(): Promise<void>
}
