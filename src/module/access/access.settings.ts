import { z } from 'zod'

/** The section `[access]` of `gatehouse.toml`. */
export const AccessSettings = z.strictObject({
  openRegistration: z
    .boolean()
    .default(false)
    .describe('Whether anybody who reaches the console may make an account. Otherwise an invitation is needed.'),
  registrationKeys: z
    .array(z.string().min(1))
    .default(['role:viewer'])
    .describe('What a user holds who registered without an invitation.'),
  passwordMinLength: z.int().min(8).max(128).default(12).describe('Shortest password, in characters.'),
  invitationDays: z.number().positive().max(90).default(7).describe('How long an invitation is good for.'),
  lockout: z
    .strictObject({
      failures: z.int().min(1).max(100).default(5).describe('Failed sign-ins for one name from one address before it is locked.'),
      failuresPerAddress: z.int().min(1).max(10_000).default(50).describe('Failed sign-ins from one address, whatever the name.'),
      minutes: z.number().positive().max(1_440).default(15).describe('How long the lock holds.'),
    })
    .prefault({}),
  session: z
    .strictObject({
      idleHours: z.number().positive().max(720).default(12).describe('A web session ends after so long without a request.'),
      absoluteDays: z.number().positive().max(90).default(7).describe('A web session ends after so long in any case.'),
    })
    .prefault({}),
})

/** Settings of the module `access`. */
export type AccessSettings = z.output<typeof AccessSettings>
