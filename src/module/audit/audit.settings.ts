import { z } from 'zod'

/** `[audit]`: what is kept of calls, and how long. */
export const AuditSettings = z.strictObject({
  retentionDays: z.int().min(1).max(3_650).default(90).describe('Days that call records are kept.'),
  payloadDays: z
    .int()
    .min(0)
    .max(3_650)
    .default(30)
    .describe('Days that redacted arguments and answers are kept; 0 keeps them for an hour at most.'),
  payloadMaxChars: z
    .int()
    .min(64)
    .max(1_048_576)
    .default(16_384)
    .describe('Longest arguments or answer that is kept, in characters of JSON.'),
})

export type AuditSettings = z.output<typeof AuditSettings>
