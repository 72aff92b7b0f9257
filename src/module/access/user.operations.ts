import { sql } from 'kysely'
import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import { belowCursor, containing, NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Id, KeyText, User } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { requireHeld, requireNotAbove } from './attenuation.ts'
import { requireKnownKeys } from './known-keys.ts'
import { MAX_PASSWORD_LENGTH } from './password-rule.ts'
import type { UserRights } from './rights.ts'
import { shownUser } from './shown.ts'
import { checkPassword } from './sign-in.ts'
import { nameKey, UserName } from './user-name.ts'
import { addUser, renameUser, requireUser, setDisabled, setPassword } from './users.ts'

const Password = z.string().min(1).max(MAX_PASSWORD_LENGTH)
const Email = z.email().max(254)
const OneUser = z.object({ user: User })

/** Operations on users. */
export const userOperations = (op: DefineOperation<AccessStore>) => ({
  user_list: op({
    summary: 'List the users, newest first.',
    route: 'GET /users',
    permit: 'access.read',
    effect: 'read',
    input: z.strictObject({
      search: z.string().max(100).optional().describe('Part of the name or the email address.'),
      ...Paging,
    }),
    output: z.object({ users: z.array(User), nextCursor: NextCursor }),
    example: { input: { search: 'ada', limit: 10 }, outcome: 'ok' },
    async run({ search, limit, cursor }, { store }) {
      let query = store.db.selectFrom('user').select('id').where('id', '<', belowCursor(cursor))
      if (search) {
        const like = (column: 'name_key' | 'email', text: string) =>
          sql<boolean>`lower(${sql.ref(column)}) like ${containing(text)} escape '\\'`
        query = query.where((where) => where.or([like('name_key', nameKey(search)), like('email', search.toLowerCase())]))
      }
      const { rows, nextCursor } = pageOf(
        await query
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute(),
        limit,
      )
      const users = await Promise.all(rows.map(({ id }) => requireUser(store, id)))
      return { users: users.map(shownUser), nextCursor }
    },
  }),

  user_get: op({
    summary: 'Show one user.',
    route: 'GET /users/:id',
    permit: 'access.read',
    effect: 'read',
    input: z.strictObject({ id: Id }),
    output: OneUser,
    example: { input: { id: 1 }, outcome: 'not_found' },
    run: async ({ id }, { store }) => ({ user: shownUser(await requireUser(store, id)) }),
  }),

  user_create: op({
    summary: 'Make a user.',
    description: 'Without a password the user cannot sign in, but can own tokens: right for programs.',
    route: 'POST /users',
    permit: 'access.write',
    effect: 'write',
    input: z.strictObject({
      name: UserName,
      email: Email.optional(),
      password: Password.optional(),
      keys: z.array(KeyText).max(200).default([]).describe('What the user will hold: keys, globs and role:<name>.'),
    }),
    output: OneUser,
    example: { input: { name: 'ada', email: 'ada@example.org', keys: ['role:viewer'] }, outcome: 'ok' },
    secret: ['password'],
    async run(input, { store, caller }) {
      await requireKnownKeys(store, input.keys)
      await requireHeld(store, caller, input.keys, Number.POSITIVE_INFINITY)
      const row = await addUser(store, { ...input, by: caller.id })
      return { user: shownUser(await requireUser(store, row.id)) }
    },
  }),

  user_update: op({
    summary: 'Change the name or email address of a user.',
    route: 'PATCH /users/:id',
    permit: 'access.write',
    effect: 'write',
    input: z.strictObject({
      id: Id,
      updatedAt: z.int().describe('As it was read.'),
      name: UserName.optional(),
      email: Email.nullable().optional(),
    }),
    output: OneUser,
    example: { input: { id: 1, updatedAt: 1, email: 'ada@example.org' }, outcome: 'not_found' },
    async run({ id, ...change }, scope) {
      const rights = await requireChangeable(scope, id)
      await renameUser(scope.store, rights.user, change)
      return { user: shownUser(await requireUser(scope.store, id)) }
    },
  }),

  user_disable: op({
    summary: 'Disable a user: sessions end and tokens stop working at once.',
    route: 'POST /users/:id/disable',
    permit: 'access.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: OneUser,
    example: { input: { id: 1 }, outcome: 'not_found' },
    run: (input, scope) => switchUser(scope, input.id, true),
  }),

  user_enable: op({
    summary: 'Enable a disabled user; the tokens that were not revoked work again.',
    route: 'POST /users/:id/enable',
    permit: 'access.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: OneUser,
    example: { input: { id: 1 }, outcome: 'not_found' },
    run: (input, scope) => switchUser(scope, input.id, false),
  }),

  user_set_password: op({
    summary: 'Set a password: your own, or with access.write that of another user. Ends all sessions of that user.',
    description: 'Your own needs the current one. Tokens stay as they are.',
    route: 'PUT /users/:id/password',
    permit: 'self.write',
    effect: 'write',
    input: z.strictObject({
      id: Id,
      current: Password.optional().describe('The password that you have now; needed to change your own.'),
      password: Password.describe('The new one.'),
    }),
    output: OneUser,
    example: { input: { id: 1, password: 'correct horse battery staple' }, outcome: 'not_found' },
    secret: ['password', 'current'],
    async run({ id, password, current }, scope) {
      const rights = await requireUser(scope.store, id)
      await requirePasswordRight(scope, rights, current)
      await setPassword(scope.store, rights.user, password)
      return { user: shownUser(await requireUser(scope.store, id)) }
    },
  }),
})

async function switchUser(scope: Scope<AccessStore>, id: number, disabled: boolean) {
  const rights = await requireChangeable(scope, id)
  await setDisabled(scope.store, rights.user, disabled)
  return { user: shownUser(await requireUser(scope.store, id)) }
}

async function requireChangeable({ store, caller }: Scope<AccessStore>, id: number): Promise<UserRights> {
  const rights = await requireUser(store, id)
  requireNotAbove(caller, rights)
  return rights
}

async function requirePasswordRight(
  { store, caller }: Scope<AccessStore>,
  rights: UserRights,
  current: string | undefined,
): Promise<void> {
  const { user } = rights
  if (caller.userId !== user.id) {
    if (!caller.grants.allows('access.write'))
      throw new Fault('forbidden', "Another user's password needs the right access.write.")
    requireNotAbove(caller, rights)
    return
  }
  if (user.password_hash === null && caller.grants.allows('access.write')) {
    // A token must not make itself a way to all that its owner may.
    requireNotAbove(caller, rights)
    return
  }
  if (current === undefined) {
    throw new Fault('invalid', 'Your own password can only be changed together with the current one.', {
      details: [{ path: '/current', message: 'Expected the current password' }],
    })
  }
  await checkPassword(store, user, current)
}
