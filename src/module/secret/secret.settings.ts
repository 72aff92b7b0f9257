import { z } from 'zod'

/** The section `[secret]` of `gatehouse.toml`. */
export const secretSettings = z.strictObject({
  /** How long a version is kept after the next one took its place, for rolling back and for whoever still uses it. Default 24 h. */
  overlapHours: z.number().min(0).max(8_760).default(24),
  /** Days before the end of a secret on which the log reminds of it. Default 30, 7 and 1. */
  remindDays: z.array(z.int().min(0).max(3_650)).max(20).default([30, 7, 1]),
  /** How long a removed secret can be restored; then its values are destroyed. Default 30 days. */
  keepRemovedDays: z.number().min(0).max(3_650).default(30),
})

export type SecretSettings = z.output<typeof secretSettings>
