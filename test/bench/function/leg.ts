/** One way to run the workload. */
export interface Leg {
  readonly name: string
  /** Runs in one measurement of a round. */
  readonly runs: number
  /** Once, from JSON text to JSON text. */
  run(): Promise<string>
  close(): Promise<void>
}
