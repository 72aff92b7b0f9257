import { z } from 'zod'

/** Ids are creation times in ms. */
export const Id = z.int().min(1)
const Time = z.int().min(0)
const MaybeTime = Time.nullable()

/** What grants and roles are written in. */
export const KeyText = z
  .string()
  .min(1)
  .max(400)
  .regex(
    // Names of prompts and URIs of resources come from outside and may hold nearly anything.
    /^!?(?:[a-zA-Z0-9_.:*-]{1,200}|(?:prompt|resource):\S(?:.*\S)?)$/,
    'Expected a permission key or glob, e.g. upstream.read, tool:files__*, prompt:docs__*, resource:docs__file:///* or role:viewer',
  )
  .refine((key) => !/\p{C}/u.test(key), 'Expected no characters that cannot be seen')

/** When something ends, said in one of two ways. */
export const Ending = {
  validHours: z
    .number()
    .positive()
    .max(87_600)
    .optional()
    .describe('Ends so many hours from now. Without an end it holds until it is taken away.'),
  expiresAt: Time.optional().describe('Ends at this time, ms since the epoch. Not together with validHours.'),
}

/** A user, as everybody who may see users sees them. */
export const User = z.object({
  id: Id,
  name: z.string(),
  email: z.string().nullable(),
  state: z
    .enum(['live', 'disabled', 'forged'])
    .describe('forged: the row was not written by the gateway and counts for nothing.'),
  hasPassword: z.boolean(),
  keys: z.array(z.string()).describe('Keys of the live grants, roles not unfolded.'),
  createdAt: Time,
  updatedAt: Time.describe('Send it back with a change.'),
  disabledAt: MaybeTime,
})

/** A grant. */
export const Grant = z.object({
  id: Id,
  userId: Id,
  key: z.string(),
  state: z.enum(['live', 'expired', 'removed', 'forged']),
  expiresAt: MaybeTime,
  grantedBy: z.string(),
  createdAt: Time,
  removedAt: MaybeTime,
})

/** A role. */
export const Role = z.object({
  name: z.string(),
  description: z.string(),
  keys: z.array(z.string()),
  builtIn: z.boolean(),
  updatedAt: MaybeTime,
})

/** A token, without its secret. */
export const Token = z.object({
  id: Id,
  userId: Id,
  userName: z.string(),
  label: z.string(),
  scope: z.enum(['full', 'partial']),
  keys: z.array(z.string()).describe('Of a partial scope.'),
  parentId: Id.nullable().describe('The token that minted it and bounds it.'),
  state: z.enum(['live', 'expired', 'revoked', 'forged']),
  expiresAt: MaybeTime,
  createdAt: Time,
  revokedAt: MaybeTime,
  lastUsedAt: MaybeTime,
  useCount: z.int().min(0),
})

/** A web session. */
export const SessionShape = z.object({
  id: Id,
  userId: Id,
  userName: z.string(),
  address: z.string(),
  state: z.enum(['live', 'ended']),
  createdAt: Time,
  lastSeenAt: Time,
  endsAt: Time.describe('When it ends if it is not used any more.'),
})

/** An invitation, without its secret. */
export const Invitation = z.object({
  id: Id,
  email: z.string().nullable(),
  keys: z.array(z.string()),
  state: z.enum(['open', 'accepted', 'revoked', 'expired', 'forged']),
  expiresAt: Time,
  createdAt: Time,
  createdBy: z.string(),
  acceptedAt: MaybeTime,
})
