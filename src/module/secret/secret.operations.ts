import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { createSecret, describeSecret, removeSecret, rollBack, setValue } from './change-secret.ts'
import { restoreSecret } from './restore-secret.ts'
import type { SecretRow } from './secret.schema.ts'
import { DescriptionText, detail, IssuerText, Name, SecretDetail, SecretSummary, ValueText } from './secret.shapes.ts'
import type { SecretStore } from './secret.store.ts'
import { listSecrets } from './secret-list.ts'
import { readValue, requireSecret, versionsOf } from './secret-rows.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

const validDays = z.number().min(0).max(36_500).optional().describe('Days until its issuer no longer takes it')
const overlapHours = z
  .number()
  .min(0)
  .max(8_760)
  .optional()
  .describe('How long the version before is kept; default overlapHours in [secret]')

const shown = async (store: SecretStore, row: SecretRow): Promise<z.output<typeof SecretDetail>> =>
  detail(store, row, await versionsOf(store, row.id))

const overlapMs = ({ house }: SecretStore, hours = house.settings.overlapHours): number => hours * HOUR_MS

/** What people, agents and scripts can do with secrets. */
export const secretOperations = (op: DefineOperation<SecretStore>) => ({
  list: op({
    summary: 'List the secrets, without their values.',
    route: 'GET /secrets',
    permit: 'secret.read',
    effect: 'read',
    input: z.strictObject({
      search: z.string().max(64).optional().describe('Part of a name'),
      removed: z.boolean().default(false).describe('Those that were removed instead'),
      expiresWithinDays: z.number().min(0).max(36_500).optional().describe('Only those that end by then, or have ended'),
      cursor: z.string().max(100).optional(),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: z.object({ secrets: z.array(SecretSummary), nextCursor: z.string().nullable() }),
    example: { input: {}, outcome: 'ok' },
    run: ({ expiresWithinDays: days, ...query }, { store, nowMs }) =>
      listSecrets(store, { ...query, ...(days !== undefined && { expiresBefore: nowMs + days * DAY_MS }) }),
  }),

  get: op({
    summary: 'Show one secret with its versions and who uses it, without its value.',
    route: 'GET /secrets/:name',
    permit: 'secret.read',
    effect: 'read',
    input: z.strictObject({ name: Name }),
    output: SecretDetail,
    example: { input: { name: 'github' }, outcome: 'not_found' },
    run: async ({ name }, { store }) => shown(store, await requireSecret(store, name)),
  }),

  create: op({
    summary: 'Keep a new secret.',
    description: 'Definitions then write secret:<name> instead of the value.',
    route: 'POST /secrets',
    permit: 'secret.write',
    effect: 'write',
    input: z.strictObject({
      name: Name,
      value: ValueText,
      description: DescriptionText.default(''),
      issuer: IssuerText.default(''),
      validDays,
    }),
    output: SecretDetail,
    example: { input: { name: 'github', value: 'short' }, outcome: 'invalid' },
    secret: ['value'],
    async run({ validDays: days, ...secret }, { store, caller, nowMs }) {
      const expiresAt = days === undefined ? null : Math.round(nowMs + days * DAY_MS)
      return shown(store, await createSecret(store, { ...secret, expiresAt }, caller.id))
    },
  }),

  set: op({
    summary: 'Give a secret a new value, as its next version.',
    description:
      'The version before is kept for a while, so that it can be rolled back to. Whoever uses the secret takes the new one with their next connect.',
    route: 'POST /secrets/:name/versions',
    permit: 'secret.write',
    effect: 'write',
    input: z.strictObject({ name: Name, value: ValueText, overlapHours, validDays }),
    output: SecretDetail,
    example: { input: { name: 'github', value: 'a new value' }, outcome: 'not_found' },
    secret: ['value'],
    async run({ name, value, overlapHours: hours, validDays: days }, { store, caller, nowMs }) {
      const expiresAt = days === undefined ? undefined : Math.round(nowMs + days * DAY_MS)
      const next = { text: value, overlapMs: overlapMs(store, hours), expiresAt }
      return shown(store, await setValue(store, name, next, caller.id))
    },
  }),

  update: op({
    summary: 'Change what is known about a secret: description, issuer, end.',
    route: 'PATCH /secrets/:name',
    permit: 'secret.write',
    effect: 'write',
    input: z.strictObject({
      name: Name,
      updatedAt: z.int().describe('As secret_get answered it'),
      description: DescriptionText.optional(),
      issuer: IssuerText.optional(),
      expiresAt: z.int().min(0).max(8_640_000_000_000_000).nullable().optional().describe('ms since the epoch; null for never'),
    }),
    output: SecretDetail,
    example: { input: { name: 'github', updatedAt: 1, description: 'For reading issues' }, outcome: 'not_found' },
    async run({ name, updatedAt, description, issuer, expiresAt }, { store, caller }) {
      const change = {
        ...(description !== undefined && { description }),
        ...(issuer !== undefined && { issuer }),
        ...(expiresAt !== undefined && { expires_at: expiresAt, reminded_days: null }),
      }
      if (Object.keys(change).length === 0) throw new Fault('invalid', 'Nothing was sent that would be changed.')
      return shown(store, await describeSecret(store, name, updatedAt, change, caller.id))
    },
  }),

  reveal: op({
    summary: 'Hand out the value of a secret.',
    description: 'Recorded with its reason like every call, the value itself nowhere. The console does not show it.',
    route: 'POST /secrets/:name/reveal',
    permit: 'secret.reveal',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({
      name: Name,
      version: z.int().min(1).optional().describe('Default the current one'),
      reason: z.string().min(3).max(500).describe('Why it is needed; kept in the record'),
    }),
    output: z.object({ name: z.string(), version: z.int(), value: z.string() }),
    example: { input: { name: 'github', reason: 'Moving to another gateway' }, outcome: 'not_found' },
    reveals: true,
    async run({ name, version }, { store, caller, requestId }) {
      const { text, version: read } = await readValue(store, await requireSecret(store, name), version)
      store.house.log.warn({ name, version: read, callerId: caller.id, requestId }, 'secret.revealed')
      return { name, version: read, value: text }
    },
  }),

  roll_back: op({
    summary: 'Give a secret the value of an earlier version again, as its next version.',
    route: 'POST /secrets/:name/roll-back',
    permit: 'secret.write',
    effect: 'write',
    input: z.strictObject({ name: Name, version: z.int().min(1), overlapHours }),
    output: SecretDetail,
    example: { input: { name: 'github', version: 1 }, outcome: 'not_found' },
    run: async ({ name, version, overlapHours: hours }, { store, caller }) =>
      shown(store, await rollBack(store, name, version, overlapMs(store, hours), caller.id)),
  }),

  remove: op({
    summary: 'Remove a secret that nothing refers to; it can be restored for a while.',
    route: 'DELETE /secrets/:name',
    permit: 'secret.write',
    effect: 'erase',
    input: z.strictObject({ name: Name }),
    output: SecretDetail,
    example: { input: { name: 'github' }, outcome: 'not_found' },
    run: async ({ name }, { store, caller }) => shown(store, await removeSecret(store, name, caller.id)),
  }),

  restore: op({
    summary: 'Bring back a secret that was removed.',
    route: 'POST /secrets/:name/restore',
    permit: 'secret.write',
    effect: 'write',
    input: z.strictObject({ name: Name }),
    output: SecretDetail,
    example: { input: { name: 'github' }, outcome: 'not_found' },
    run: async ({ name }, { store, caller }) => shown(store, await restoreSecret(store, name, caller.id)),
  }),

  keys: op({
    summary: 'Show how the keys over all secrets stand, and how far a rotation is.',
    route: 'GET /secret-keys',
    permit: 'secret.read',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({
      dataKeys: z.int().describe('Keys that still open something; more than one while a rotation runs'),
      newestAt: z.int().describe('When the newest one was made, ms since the epoch'),
      rotating: z.boolean(),
      remaining: z.int().describe('Rows that still stand under an older key'),
    }),
    example: { input: {}, outcome: 'ok' },
    run: (_, { store }) => keyState(store),
  }),

  rotate: op({
    summary: 'Encrypt every secret anew under a fresh data key, while they are used.',
    description: 'Answers at once; secret_keys shows how far it is. A gateway that is killed goes on with its next start.',
    route: 'POST /secret-keys/rotate',
    permit: 'secret.rotate',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({}),
    output: z.object({ rotating: z.boolean(), remaining: z.int() }),
    example: { input: {}, outcome: 'ok' },
    async run(_, { store }) {
      await store.rotation.begin()
      return { rotating: true, remaining: await store.rotation.remaining() }
    },
  }),
})

async function keyState({ db, rotation }: SecretStore) {
  const rows = await db.selectFrom('data_key').selectAll().where('retired_at', 'is', null).execute()
  return {
    dataKeys: new Set(rows.map(({ data_key_id }) => data_key_id)).size,
    newestAt: Math.max(...rows.map(({ created_at }) => created_at)),
    rotating: rotation.isRunning,
    remaining: await rotation.remaining(),
  }
}
