import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { KeyText, Role } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { requireHeld } from './attenuation.ts'
import { findRole, putRole, removeRole } from './custom-roles.ts'
import { requireKnownKeys, requireNoRoles } from './known-keys.ts'
import { BUILT_IN_ROLES, ROLE_PREFIX } from './roles.ts'
import { shownRole } from './shown.ts'

/** A custom role's name. */
const RoleName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'Expected 1 to 64 small letters, digits, _ or -, beginning with a letter')

/** Operations on roles. */
export const roleOperations = (op: DefineOperation<AccessStore>) => ({
  role_list: op({
    summary: 'List all roles and their keys.',
    route: 'GET /roles',
    permit: 'access.read',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({ roles: z.array(Role) }),
    example: { input: {}, outcome: 'ok' },
    async run(_, { store }) {
      const builtIn = Object.entries(BUILT_IN_ROLES).map(([name, { description, keys }]) => ({
        name,
        description,
        keys: [...keys],
        builtIn: true,
        updatedAt: null,
      }))
      const custom = await store.db.selectFrom('role').selectAll().where('removed_at', 'is', null).orderBy('name').execute()
      return { roles: [...builtIn, ...custom.map(shownRole)] }
    },
  }),

  role_put: op({
    summary: 'Make a custom role, or give it other keys. All who hold it are affected at once.',
    route: 'PUT /roles/:name',
    permit: 'access.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({
      name: RoleName,
      description: z.string().max(500).default(''),
      keys: z.array(KeyText).min(1).max(200),
    }),
    output: z.object({ role: Role }),
    example: {
      input: { name: 'reader', description: 'Reads files.', keys: ['tool:files__read_*', '!tool:files__read_secret'] },
      outcome: 'ok',
    },
    async run({ name, description, keys }, { store, caller, nowMs }) {
      requireNoRoles(keys)
      await requireKnownKeys(store, keys)
      await requireHeld(store, caller, keys, Number.POSITIVE_INFINITY)
      await requireHeld(store, caller, [ROLE_PREFIX + name], nowMs)
      return { role: shownRole(await putRole(store, { name, description, keys, by: caller.id })) }
    },
  }),

  role_remove: op({
    summary: 'Remove a custom role; grants of it bring nothing any more.',
    route: 'DELETE /roles/:name',
    permit: 'access.write',
    effect: 'erase',
    input: z.strictObject({ name: RoleName }),
    output: z.object({ role: Role }),
    example: { input: { name: 'nobody-made-this' }, outcome: 'not_found' },
    async run({ name }, { store, caller, nowMs }) {
      if (!Object.hasOwn(BUILT_IN_ROLES, name) && !(await findRole(store, name))) {
        throw new Fault('not_found', `There is no role ${name}. access_role_list shows all roles.`)
      }
      await requireHeld(store, caller, [ROLE_PREFIX + name], nowMs)
      return { role: shownRole(await removeRole(store, name, caller.id)) }
    },
  }),
})
