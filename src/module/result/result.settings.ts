import { z } from 'zod'

/** The section `[result]` of `gatehouse.toml`. */
export const resultSettings = z.strictObject({
  /** A larger result is cut for the caller and kept whole by reference. Default 1 MiB. */
  softLimitBytes: z.int().min(1_024).default(1_048_576),
  /** A larger picture, sound or file within a result is always passed by reference. Default 256 KiB. */
  binaryLimitBytes: z.int().min(1_024).default(262_144),
  /** A larger result is refused. Default 10 MiB. */
  hardLimitBytes: z.int().min(1_024).default(10_485_760),
  /** How long a result is kept. Default 1 h. */
  keepMs: z.int().min(1_000).default(3_600_000),
  /** What is kept for one caller altogether; beyond it the oldest go, so that nobody fills the disk. Default 256 MiB. */
  keepBytesPerCaller: z.int().min(1_024).default(268_435_456),
})

export type ResultSettings = z.output<typeof resultSettings>
