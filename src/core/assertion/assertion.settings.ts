import { z } from 'zod'

/** How the gateway signs who it acts for: `assertion` within a module's section. */
export const assertionSettings = z.strictObject({
  /** `iss` of every assertion. Best the address of the gateway, because verifiers look for the keys below it. */
  issuer: z.string().min(1).max(1_024).default('gatehouse'),
  /** Name of the secret that holds the keys. It is made by the first rotation. */
  keys: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'the name of a secret was expected')
    .default('assertion-keys'),
  /** How long an assertion holds, in seconds. */
  lifetimeSeconds: z.int().min(5).max(3_600).default(60),
  /** How long a new key is published before it signs, so that whoever keeps the key set (5 min are allowed, or this long where it is less) has it by then. Default 10 min. */
  announceSeconds: z.int().min(0).max(86_400).default(600),
  /** How long a key stays published after its successor signs. Default 1 h. */
  overlapSeconds: z.int().min(60).max(604_800).default(3_600),
})

export type AssertionSettings = z.output<typeof assertionSettings>
