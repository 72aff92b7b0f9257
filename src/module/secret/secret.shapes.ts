import { z } from 'zod'
import { MIN_KNOWN_CHARS } from '../../core/known-values.ts'
import { SECRET_NAME } from '../../core/reference.ts'
import { isGenuine } from './row-seal.ts'
import type { SecretRow, VersionRow } from './secret.schema.ts'
import type { SecretStore } from './secret.store.ts'

const DAY_MS = 86_400_000
const MAX_VALUE_CHARS = 32_768

/** What a secret may be called. */
export const Name = z.string().regex(SECRET_NAME, 'A name has at most 64 lower-case letters, digits, _, . and -')

/** A value as it comes in. */
export const ValueText = z
  .string()
  .min(
    MIN_KNOWN_CHARS,
    `A secret has at least ${MIN_KNOWN_CHARS} characters: shorter ones cannot be kept out of logs and answers`,
  )
  .max(MAX_VALUE_CHARS)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'A secret is text without NUL characters')
  .refine((text) => text.trim() !== '', 'A secret is more than spaces')

/** Further fields of whoever writes one. */
export const DescriptionText = z.string().max(500)
export const IssuerText = z.string().max(500).describe('Where a new value is had: an address, or who to ask')

/** One secret in a list; never its value. */
export const SecretSummary = z.object({
  name: z.string(),
  reference: z.string().describe('What configuration and definitions write instead of the value'),
  state: z.enum(['live', 'expiring', 'expired', 'removed', 'tampered']),
  description: z.string(),
  issuer: z.string(),
  version: z.int(),
  versionAt: z.int().nullable().describe('When the current value was set, ms since the epoch'),
  expiresAt: z.int().nullable(),
  createdAt: z.int(),
  createdBy: z.string(),
  updatedAt: z.int().describe('Optimistic lock'),
  removedAt: z.int().nullable(),
  useCount: z.int().describe('Places that refer to it'),
})

/** One secret with its versions and users. */
export const SecretDetail = SecretSummary.extend({
  versions: z.array(
    z.object({
      version: z.int(),
      state: z.enum(['current', 'kept', 'destroyed']).describe('kept: it can be rolled back to until usableUntil'),
      createdAt: z.int(),
      createdBy: z.string(),
      usableUntil: z.int().nullable(),
    }),
  ),
  usedBy: z.array(z.object({ by: z.string(), field: z.string() })),
})

/** How a secret stands, by its end. Pure. */
function stateOf(
  row: Pick<SecretRow, 'removed_at' | 'expires_at'>,
  nowMs: number,
  remindDays: readonly number[],
): 'live' | 'expiring' | 'expired' | 'removed' {
  if (row.removed_at !== null) return 'removed'
  if (row.expires_at === null) return 'live'
  if (row.expires_at <= nowMs) return 'expired'
  return row.expires_at - nowMs <= Math.max(0, ...remindDays) * DAY_MS ? 'expiring' : 'live'
}

/** What a list shows of one. */
export function summarise(store: SecretStore, row: SecretRow, versionAt: number | null): z.output<typeof SecretSummary> {
  const { house, keyRing, uses } = store
  const isGood = isGenuine(keyRing.get(row.data_key_id), 'secret', row)
  return {
    name: row.name,
    reference: `secret:${row.name}`,
    state: isGood ? stateOf(row, house.nowMs(), house.settings.remindDays) : 'tampered',
    description: row.description,
    issuer: row.issuer,
    version: row.current_version,
    versionAt,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    removedAt: row.removed_at,
    useCount: uses.of(row.name).length,
  }
}

/** What a page of its own shows. */
export function detail(store: SecretStore, row: SecretRow, versions: readonly VersionRow[]): z.output<typeof SecretDetail> {
  const current = versions.find(({ version }) => version === row.current_version)
  return {
    ...summarise(store, row, current?.created_at ?? null),
    versions: versions.map((one) => ({
      version: one.version,
      state: one.destroyed_at !== null ? 'destroyed' : one.version === row.current_version ? 'current' : 'kept',
      createdAt: one.created_at,
      createdBy: one.created_by,
      usableUntil: one.usable_until,
    })),
    usedBy: store.uses.of(row.name).map(({ by, field }) => ({ by, field })),
  }
}
