import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import { ApiDetail, ApiOperationDetail } from './api.shapes.ts'
import type { ApiStore } from './api.store.ts'
import { detail, operationDetail } from './api.view.ts'
import { type Offered, toolNameOf } from './offered.ts'
import type { RegisteredApi } from './registry.ts'

const alias = z.string().regex(ALIAS, ALIAS_RULE)
const key = z.string().min(1).max(1_000).describe('Method and path, e.g. GET /pets/{id}')

/** Most that still leaves room for the longest alias in a name of 64 characters. */
const localName = z.string().regex(/^[a-zA-Z0-9_-]{1,42}$/, '1 to 42 letters, digits, _ and - were expected')

/** What operators decide about single operations. */
export const toolOperations = (op: DefineOperation<ApiStore>) => ({
  operation: op({
    summary: 'Show one operation of an API with its schemas.',
    route: 'GET /apis/:alias/operation',
    permit: 'api.read',
    effect: 'read',
    input: z.strictObject({ alias, key }),
    output: ApiOperationDetail,
    example: { input: { alias: 'lamps', key: 'GET /lamps' }, outcome: 'not_found' },
    run({ alias, key }, { store }) {
      const api = store.registry.get(alias)
      return operationDetail(api, operationOf(api, key))
    },
  }),

  set_operation: op({
    summary: 'Rename an operation of an API, or give it a right, an effect or idempotency of its own.',
    description: 'What is null is as the document says it again. It outlives new versions of the document.',
    route: 'PUT /apis/:alias/operation',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({
      alias,
      key,
      name: localName.nullable().default(null).describe('Of its tool, after <alias>__'),
      permit: z
        .string()
        .regex(/^tool:[a-zA-Z0-9_-]{1,64}$/, 'tool: and a name were expected')
        .nullable()
        .default(null)
        .describe('The right that it needs; default tool:<alias>__<name>'),
      toolEffect: z.enum(['read', 'write', 'erase']).nullable().default(null).describe('What it does to the world'),
      idempotent: z.boolean().nullable().default(null).describe('Whether it may be sent twice'),
    }),
    output: ApiOperationDetail,
    example: { input: { alias: 'lamps', key: 'GET /lamps', name: 'all_lamps' }, outcome: 'not_found' },
    async run({ alias, key, name, permit, toolEffect, idempotent }, { store, caller }) {
      const api = store.registry.get(alias)
      operationOf(api, key)
      if (name !== null) requireFreeName(api, key, name)
      const change = { name, permit, effect: toolEffect, idempotent: idempotent === null ? null : idempotent ? 1 : 0 }
      await store.rows.changeOperations(api.row.id, [key], change, caller.id)
      await store.registry.refresh(alias)
      const changed = store.registry.get(alias)
      return operationDetail(changed, operationOf(changed, key))
    },
  }),

  switch_operations: op({
    summary: 'Switch operations of an API on or off: some of them, a whole group, or all.',
    route: 'POST /apis/:alias/operations',
    permit: 'api.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({
      alias,
      keys: z.array(z.string().max(1_000)).max(5_000).default([]).describe('Which; with neither keys nor tag, all'),
      tag: z.string().max(300).optional().describe('Those of a group'),
      on: z.boolean(),
    }),
    output: ApiDetail,
    example: { input: { alias: 'lamps', keys: ['GET /lamps'], on: false }, outcome: 'not_found' },
    async run({ alias, keys, tag, on }, { store, caller }) {
      const api = store.registry.get(alias)
      for (const key of keys) operationOf(api, key)
      const isMeant = ({ operation }: Offered): boolean =>
        (keys.length === 0 || keys.includes(operation.key)) && (tag === undefined || operation.tags.includes(tag))
      const meant = api.offered.filter(isMeant).map(({ operation }) => operation.key)
      if (meant.length === 0) throw new Fault('not_found', `${alias} has no operation like that.`)
      await store.rows.changeOperations(api.row.id, meant, { enabled: on ? 1 : 0 }, caller.id)
      await store.registry.refresh(alias)
      return detail(store.registry.get(alias))
    },
  }),
})

/** @throws Fault `not_found` */
function operationOf({ row, offered }: RegisteredApi, key: string): Offered {
  const found = offered.find(({ operation }) => operation.key === key)
  if (found) return found
  throw new Fault('not_found', `${row.alias} has no operation ${key.slice(0, 200)}. The operation api_get lists them.`)
}

/** @throws Fault `conflict` */
function requireFreeName({ row, offered }: RegisteredApi, key: string, name: string): void {
  const wanted = toolNameOf(row.alias, name)
  const other = offered.find((one) => one.operation.key !== key && one.name === wanted)
  if (other) throw new Fault('conflict', `${other.operation.key} is called ${name} already. Choose another name.`)
  if (name === 'pass')
    throw new Fault('conflict', 'The name pass stands for requests in the shape of the API. Choose another name.')
}
