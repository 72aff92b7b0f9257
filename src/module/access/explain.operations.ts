import { z } from 'zod'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import { Id, KeyText } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { explain } from './explain.ts'
import { requireToken } from './tokens.ts'
import { requireOwnOr, requireUserId } from './whose.ts'

const MaybeTime = z.int().nullable()

const Explanation = z.object({
  allowed: z.boolean(),
  reason: z.string().describe('The grant, role or token scope that decides.'),
  change: z.array(z.string()).describe('What would change it.'),
  key: z.string(),
  tool: z.string().nullable(),
  user: z.object({ id: Id, name: z.string(), state: z.enum(['live', 'disabled', 'forged']) }),
  grants: z.array(
    z.object({
      id: Id,
      grant: z.string(),
      key: z.string(),
      role: z.string().nullable(),
      effect: z.enum(['gives', 'takes']),
      state: z.enum(['live', 'expired', 'removed', 'forged']),
      expiresAt: MaybeTime,
    }),
  ),
  tokens: z
    .array(
      z.object({
        id: Id,
        label: z.string(),
        scope: z.enum(['full', 'partial']),
        state: z.enum(['live', 'expired', 'revoked', 'forged']),
        allows: z.boolean(),
        keys: z.array(z.string()),
      }),
    )
    .describe('From the token itself up to the one that was not minted by another.'),
})

/** Operations that answer who somebody is, what they may, and why. */
export const explainOperations = (op: DefineOperation<AccessStore>) => ({
  explain: op({
    summary: 'Explain why a user or a token may or may not call a tool or use a permission key.',
    description:
      'Without userId and tokenId: about you. About others it needs access.read. Name either a tool (or prompt or resource) or a key.',
    route: 'GET /explain',
    permit: 'self.read',
    effect: 'read',
    input: z.strictObject({
      userId: Id.optional(),
      tokenId: Id.optional(),
      tool: z
        .string()
        .max(2_048)
        .optional()
        .describe(
          'Name of a tool, prompt or resource as records have it: files__read_file, prompt:docs__review, resource:docs__file:///a.md.',
        ),
      key: KeyText.optional().describe('A permission key, e.g. upstream.write.'),
    }),
    output: Explanation,
    example: { input: { key: 'access.read' }, outcome: 'ok' },
    async run({ userId, tokenId, tool, key }, scope) {
      const subject = await subjectOf(scope, userId, tokenId)
      return { ...shown(await explain(scope.store, subject, keyOf(scope.store, tool, key))), tool: tool ?? null }
    },
  }),

  me: op({
    summary: 'Tell who you are and what you may.',
    route: 'GET /me',
    permit: 'self.read',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({
      id: z.string(),
      name: z.string(),
      userId: Id.nullable(),
      tokenId: Id.nullable(),
      authPath: z.string(),
      expiresAt: MaybeTime.describe('When the first of your rights runs out, ms.'),
      keys: z.array(z.string()).describe('What your grants give you, roles unfolded; your token may narrow it.'),
      scope: z.array(z.string()).nullable().describe('The keys of your token, if it is a partial one.'),
      permits: z.array(z.string()).describe("Keys of the gateway's own operations that you hold."),
    }),
    example: { input: {}, outcome: 'ok' },
    run: (_, { caller, store }) => me(store, caller),
  }),
})

async function me(store: AccessStore, caller: Caller) {
  const rights = caller.userId === undefined ? undefined : await store.rights.ofUser(caller.userId)
  const token = caller.tokenId === undefined ? undefined : await requireToken(store, caller.tokenId)
  return {
    id: caller.id,
    name: caller.name,
    userId: caller.userId ?? null,
    tokenId: caller.tokenId ?? null,
    authPath: caller.authPath,
    expiresAt: Number.isFinite(caller.grants.expiresAt) ? caller.grants.expiresAt : null,
    keys: [...new Set(rights?.keys.held.map(({ key }) => key) ?? [])],
    scope: token?.scope === 'partial' ? (JSON.parse(token.keys) as string[]) : null,
    permits: store.house.permits().filter((key) => caller.grants.allows(key)),
  }
}

async function subjectOf({ store, caller }: Scope<AccessStore>, userId: number | undefined, tokenId: number | undefined) {
  if (userId !== undefined && tokenId !== undefined) throw new Fault('invalid', 'Name either a user or a token, not both.')
  const ownToken = userId === undefined ? caller.tokenId : undefined
  const token = tokenId ?? ownToken
  if (token === undefined) {
    const id = requireUserId(caller, userId)
    requireOwnOr(caller, id, 'access.read')
    return { userId: id }
  }
  requireOwnOr(caller, (await requireToken(store, token)).user_id, 'access.read')
  return { tokenId: token }
}

function keyOf(store: AccessStore, tool: string | undefined, key: string | undefined): string {
  if ((tool === undefined) === (key === undefined)) throw new Fault('invalid', 'Name either a tool or a key.')
  if (key !== undefined) return key
  const found = store.house.find(tool!)
  if (!found) throw new Fault('not_found', `There is nothing that is called ${tool}.`)
  if (found.permit === undefined) throw new Fault('invalid', `${tool} needs no right: it is part of a call that was let in.`)
  return found.permit
}

const shown = ({ grants, tokens, change, ...rest }: Awaited<ReturnType<typeof explain>>) => ({
  ...rest,
  grants: [...grants],
  tokens: tokens.map((token) => ({ ...token, keys: [...token.keys] })),
  change: [...change],
})
