import { z } from 'zod'
import { functionBackendSettings } from '../../../queue/function.settings.ts'

/** The section `[function]` of `gatehouse.toml`. */
export const functionSettings = z.strictObject({
  /** Days that invocations and their logs are kept. */
  retentionDays: z.int().min(1).max(3_650).default(30),
  /** Longest source, in characters; WASM modules count in base64. At most 2 000 000. */
  maxSourceChars: z.int().min(1_000).max(2_000_000).default(1_000_000),
  // What runs functions is the workers' to read.
  ...functionBackendSettings.shape,
})

export type FunctionSettings = z.output<typeof functionSettings>
