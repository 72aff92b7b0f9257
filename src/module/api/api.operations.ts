import { z } from 'zod'
import { placeOf } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import { ApiDetail, ApiSummary, Preview, STATES } from './api.shapes.ts'
import type { ApiStore } from './api.store.ts'
import { detail, previewOf, summarise } from './api.view.ts'
import { CredentialFields, readCredential, requireMayDirect } from './credential-fields.ts'
import { address, Definition, definitionFields } from './definition.ts'
import { readApi } from './read-api.ts'
import { registerApi, requireKeyFor } from './register-api.ts'

const alias = z.string().regex(ALIAS, ALIAS_RULE)
const documentText = z
  .string()
  .min(1)
  .max(128 * 1_024 * 1_024)

/** Where a document comes from. */
export const documentFields = {
  document: documentText.optional().describe('The OpenAPI document (3.0, 3.1, or Swagger 2), as JSON or YAML'),
  url: address.optional().describe('Its address, instead of the document'),
}

const EXAMPLE = `openapi: 3.1.0
info: { title: Lamps, version: '1' }
servers: [{ url: 'https://lamps.example' }]
paths:
  /lamps:
    get: { operationId: listLamps, responses: { '200': { description: All of them } } }
`

/** What people, agents and scripts can do with APIs. */
export const apiOperations = (op: DefineOperation<ApiStore>) => ({
  list: op({
    summary: 'List the registered APIs and how they are.',
    route: 'GET /apis',
    permit: 'api.read',
    effect: 'read',
    input: z.strictObject({
      search: z.string().max(200).optional().describe('Part of an alias, a title or the name of a tool'),
      state: z.enum(STATES).optional(),
    }),
    output: z.object({ apis: z.array(ApiSummary) }),
    example: { input: {}, outcome: 'ok' },
    run({ search = '', state }, { store }) {
      const needle = search.toLowerCase()
      const found = store.registry
        .all()
        .filter(({ row, definition, offered }) =>
          [row.alias, definition.title, ...offered.map(({ name }) => name)].some((text) => text.toLowerCase().includes(needle)),
        )
      return { apis: found.map(summarise).filter((api) => state === undefined || api.state === state) }
    },
  }),

  get: op({
    summary: 'Show one API with its operations, its settings and what is wrong with its document.',
    route: 'GET /apis/:alias',
    permit: 'api.read',
    effect: 'read',
    input: z.strictObject({ alias }),
    output: ApiDetail,
    example: { input: { alias: 'github' }, outcome: 'not_found' },
    run: (input, { store }) => detail(store.registry.get(input.alias)),
  }),

  preview: op({
    summary: 'Read an OpenAPI document and show which tools it would become.',
    description: 'Nothing is registered. The answer names the document for api_register, for an hour.',
    route: 'POST /apis/preview',
    permit: 'api.write',
    effect: 'read',
    input: z.strictObject({ ...documentFields, preview: z.string().max(64).optional().describe('Show an earlier one again') }),
    output: Preview,
    example: { input: { document: EXAMPLE }, outcome: 'ok' },
    async run({ preview, ...source }, { store, caller, signal }) {
      if (preview !== undefined) {
        return previewOf(preview, store.previews.get(caller.id, preview), store.house.egress)
      }
      const read = await readApi(store.house, source, { place: placeOf(caller), signal })
      return previewOf(store.previews.put(caller.id, read), read, store.house.egress)
    },
  }),

  register: op({
    summary: 'Register an API: each of its operations becomes a tool <alias>__<name>.',
    description: 'Whoever may do this decides where the secrets go that its credential names.',
    route: 'POST /apis',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({
      alias: alias.describe('Stands before __ in the names of its tools'),
      preview: z.string().max(64).optional().describe('The document that api_preview read, instead of document or url'),
      ...documentFields,
      only: z
        .array(z.string().max(1_000))
        .max(5_000)
        .optional()
        .describe('Keys of the operations that become tools; default all. The others can be switched on later'),
      credential: CredentialFields.default({ kind: 'none' }),
      ...definitionFields,
    }),
    output: ApiDetail,
    example: { input: { alias: 'lamps', document: EXAMPLE }, outcome: 'ok' },
    async run({ alias, preview, document, url, only, credential: fields, ...settings }, scope) {
      const { store, caller, signal } = scope
      const credential = readCredential(fields, caller, store.house.settings.assertion.keys)
      await requireNoUpstream(scope, alias)
      const read =
        preview === undefined
          ? await readApi(store.house, { document, url }, { place: placeOf(caller), signal })
          : store.previews.get(caller.id, preview)
      const chosen = only?.filter((key) => key !== '')
      return detail(await registerApi(store, read, { alias, settings, credential, only: chosen }, caller))
    },
  }),

  update: op({
    summary: 'Replace the settings of an API.',
    route: 'PUT /apis/:alias',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({
      alias,
      updatedAt: z.int().describe('As api_get answered it'),
      ...definitionFields,
      serverUrl: Definition.shape.serverUrl.describe('Where the API is'),
    }),
    output: ApiDetail,
    example: { input: { alias: 'lamps', updatedAt: 1, serverUrl: 'https://lamps.example' }, outcome: 'not_found' },
    async run({ alias, updatedAt, ...settings }, { store, caller }) {
      const { row, credential, definition } = store.registry.get(alias)
      if (leadsElsewhere(definition, settings)) requireMayDirect(credential, caller)
      await store.rows.update(row, { settings: JSON.stringify(settings) }, updatedAt, caller.id)
      return refreshed(store, alias)
    },
  }),

  set_credential: op({
    summary: 'Say how an API is told who asks.',
    description: 'It holds references such as secret:github, never values, and is looked up for each request.',
    route: 'PUT /apis/:alias/credential',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, credential: CredentialFields }),
    output: ApiDetail,
    example: { input: { alias: 'lamps', credential: { kind: 'bearer', valueFrom: 'secret:lamps' } }, outcome: 'not_found' },
    async run({ alias, credential: fields }, { store, caller }) {
      const { row } = store.registry.get(alias)
      const credential = readCredential(fields, caller, store.house.settings.assertion.keys)
      await requireKeyFor(store, credential)
      await store.rows.note(row, { credential: JSON.stringify(credential) }, caller.id)
      return refreshed(store, alias)
    },
  }),

  enable: op({
    summary: 'Offer the tools of an API, now and after every restart.',
    route: 'POST /apis/:alias/enable',
    permit: 'api.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: ApiDetail,
    example: { input: { alias: 'lamps' }, outcome: 'not_found' },
    run: ({ alias }, { store, caller }) => switchApi(store, alias, true, caller.id),
  }),

  disable: op({
    summary: 'Take the tools of an API away, now and after every restart.',
    route: 'POST /apis/:alias/disable',
    permit: 'api.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ alias }),
    output: ApiDetail,
    example: { input: { alias: 'lamps' }, outcome: 'not_found' },
    run: ({ alias }, { store, caller }) => switchApi(store, alias, false, caller.id),
  }),

  remove: op({
    summary: 'Remove an API. Its tools are gone at once; what was registered stays as history.',
    route: 'DELETE /apis/:alias',
    permit: 'api.write',
    effect: 'erase',
    input: z.strictObject({ alias }),
    output: z.object({ alias: z.string() }),
    example: { input: { alias: 'lamps' }, outcome: 'not_found' },
    async run({ alias }, { store, caller }) {
      await store.rows.remove(store.registry.get(alias).row, caller.id)
      await store.registry.refresh(alias)
      return { alias }
    },
  }),
})

/** One that is not connected has no tools that its alias could be seen by. @throws Fault `conflict` */
async function requireNoUpstream({ store, caller, call }: Scope<ApiStore>, alias: string): Promise<void> {
  const tool = store.house.tool('upstream_list')
  if (!tool || !caller.grants.allows(tool.permit)) return
  const { upstreams } = await call(tool.name, { search: alias })
  if ((upstreams as readonly { readonly alias: string }[]).some((upstream) => upstream.alias === alias))
    throw new Fault('conflict', `There is an upstream ${alias} already. Choose another alias.`)
}

const leadsElsewhere = (before: Definition, after: Definition): boolean =>
  before.serverUrl !== after.serverUrl || after.otherHosts.some((host) => !before.otherHosts.includes(host))

async function refreshed({ registry }: ApiStore, alias: string): Promise<z.input<typeof ApiDetail>> {
  await registry.refresh(alias)
  const api = registry.find(alias)
  if (api) return detail(api)
  throw new Fault('conflict', `API ${alias} was removed by somebody else meanwhile.`)
}

async function switchApi(store: ApiStore, alias: string, enabled: boolean, by: string): Promise<z.input<typeof ApiDetail>> {
  const { row, credential } = store.registry.get(alias)
  if (enabled) await requireKeyFor(store, credential)
  await store.rows.note(row, { enabled: enabled ? 1 : 0 }, by)
  return refreshed(store, alias)
}
