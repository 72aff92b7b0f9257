import { z } from 'zod'
import { placeOf } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import { documentFields } from './api.operations.ts'
import type { ApiRow } from './api.schema.ts'
import { ApiVersion, Changes, Taken } from './api.shapes.ts'
import type { ApiStore } from './api.store.ts'
import type { VersionHead } from './api-rows.ts'
import { readApi } from './read-api.ts'
import type { RegisteredApi } from './registry.ts'
import { readText } from './stored-version.ts'
import { changesTo, takeVersion } from './take-version.ts'

const alias = z.string().regex(ALIAS, ALIAS_RULE)
const version = z.int().min(1)
const confirm = z.boolean().default(false).describe('Take it although it breaks what callers may rely on')

/** What people, agents and scripts do with the versions of a document. */
export const versionOperations = (op: DefineOperation<ApiStore>) => ({
  versions: op({
    summary: 'List the versions of an API’s document, newest first.',
    route: 'GET /apis/:alias/versions',
    permit: 'api.read',
    effect: 'read',
    input: z.strictObject({ alias }),
    output: z.object({ versions: z.array(ApiVersion) }),
    example: { input: { alias: 'lamps' }, outcome: 'not_found' },
    async run({ alias }, { store }) {
      const { row } = store.registry.get(alias)
      return { versions: (await store.rows.versions(row.id)).map((head) => shown(row, head)) }
    },
  }),

  version: op({
    summary: 'Show one version of an API’s document, and what would change if calls used it.',
    route: 'GET /apis/:alias/versions/:version',
    permit: 'api.read',
    effect: 'read',
    input: z.strictObject({
      alias,
      version,
      withDocument: z.boolean().default(false).describe('Its text too, up to a million characters'),
    }),
    output: ApiVersion.extend({ againstCurrent: Changes, document: z.string().nullable() }),
    example: { input: { alias: 'lamps', version: 1 }, outcome: 'not_found' },
    async run({ alias, version, withDocument }, { store }) {
      const api = store.registry.get(alias)
      const row = await store.rows.version(api.row.id, version)
      const againstCurrent = await changesTo(store, api, version)
      if (!row || !againstCurrent) throw noVersion(alias, version)
      const document = withDocument ? (await readText(row)).slice(0, 1_000_000) : null
      return { ...shown(api.row, row), againstCurrent, document }
    },
  }),

  replace_document: op({
    summary: 'Give an API another document.',
    description: 'What breaks callers is kept and waits for api_confirm, unless confirm is true.',
    route: 'POST /apis/:alias/versions',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, ...documentFields, confirm }),
    output: Taken,
    example: { input: { alias: 'lamps', url: 'https://lamps.example/openapi.json' }, outcome: 'not_found' },
    async run({ alias, confirm, ...source }, { store, caller, signal }) {
      const api = store.registry.get(alias)
      const read = await readApi(store.house, source, { place: placeOf(caller), signal })
      return takeVersion(store, api, read, {
        by: caller.id,
        confirm,
        fetchedAt: read.url === null ? null : store.house.nowMs(),
        isScheduled: false,
      })
    },
  }),

  refresh: op({
    summary: 'Fetch the document of an API again from its address.',
    description: 'What breaks callers is kept and waits for api_confirm, unless confirm is true.',
    route: 'POST /apis/:alias/refresh',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, confirm }),
    output: Taken,
    example: { input: { alias: 'lamps' }, outcome: 'not_found' },
    async run({ alias, confirm }, { store, caller, signal }) {
      const api = store.registry.get(alias)
      const url = api.row.source_url
      if (url === null) throw new Fault('conflict', `The document of ${alias} was sent, not fetched. Replace it instead.`)
      const read = await readApi(store.house, { url }, { place: placeOf(caller), signal })
      return takeVersion(store, api, read, { by: caller.id, confirm, fetchedAt: store.house.nowMs(), isScheduled: false })
    },
  }),

  confirm: op({
    summary: 'Use the version of an API’s document that waits because it breaks something.',
    route: 'POST /apis/:alias/versions/:version/confirm',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, version }),
    output: Taken,
    example: { input: { alias: 'lamps', version: 2 }, outcome: 'not_found' },
    run: async ({ alias, version }, { store, caller }) =>
      use(store, requireHeld(store.registry.get(alias), version), version, caller.id),
  }),

  discard: op({
    summary: 'Do not use the version of an API’s document that waits. It stays among its versions.',
    route: 'POST /apis/:alias/versions/:version/discard',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, version }),
    output: z.object({ alias: z.string(), version: z.int() }),
    example: { input: { alias: 'lamps', version: 2 }, outcome: 'not_found' },
    async run({ alias, version }, { store, caller }) {
      const { row } = requireHeld(store.registry.get(alias), version)
      await store.rows.note(row, { held_version: null }, caller.id)
      await store.registry.refresh(alias)
      return { alias, version }
    },
  }),

  restore: op({
    summary: 'Use another version of an API’s document again.',
    route: 'POST /apis/:alias/versions/:version/restore',
    permit: 'api.write',
    effect: 'write',
    input: z.strictObject({ alias, version }),
    output: Taken,
    example: { input: { alias: 'lamps', version: 1 }, outcome: 'not_found' },
    run: async ({ alias, version }, { store, caller }) => use(store, store.registry.get(alias), version, caller.id),
  }),
})

async function use(store: ApiStore, api: RegisteredApi, version: number, by: string): Promise<z.output<typeof Taken>> {
  const { alias, current_version } = api.row
  const changes = await changesTo(store, api, version)
  if (!changes) throw noVersion(alias, version)
  if (version === current_version) return { alias, outcome: 'same', version, changes: null }
  await store.rows.note(api.row, { current_version: version, held_version: null }, by)
  await store.registry.refresh(alias)
  return { alias, outcome: 'applied', version, changes }
}

function shown(row: ApiRow, head: VersionHead): z.output<typeof ApiVersion> {
  const { version } = head
  return {
    version,
    state: version === row.current_version ? 'current' : version === row.held_version ? 'waiting' : 'kept',
    documentHash: head.document_hash,
    sourceUrl: head.source_url,
    changes: head.changes === null ? null : Changes.parse(JSON.parse(head.changes)),
    createdAt: head.created_at,
    createdBy: head.created_by,
  }
}

/** @throws Fault `conflict` */
function requireHeld(api: RegisteredApi, version: number): RegisteredApi {
  if (api.row.held_version === version) return api
  throw new Fault(
    'conflict',
    `Version ${version} of ${api.row.alias} does not wait to be confirmed. api_versions says which does.`,
  )
}

const noVersion = (alias: string, version: number): Fault =>
  new Fault('not_found', `${alias} has no version ${version}. The operation api_versions lists them.`)
