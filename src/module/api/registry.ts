import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Source, Tool } from '../../contract/tool.ts'
import { CredentialConfig, credentialTexts } from '../../core/credential/credential-config.ts'
import type { ApiRow, OperationRow } from './api.schema.ts'
import type { ApiModuleSettings } from './api.settings.ts'
import type { ApiRows } from './api-rows.ts'
import { type ApiGround, ApiTool } from './api-tool.ts'
import { type CredentialKeys, createCredentialKeys } from './credential-keys.ts'
import { type Definition, readDefinition } from './definition.ts'
import type { ApiDocument } from './document/api-document.ts'
import { type Offered, offeredOperations } from './offered.ts'
import { passTool } from './pass-tool.ts'
import { readModel } from './stored-version.ts'

/** An API as the gateway knows it. */
export interface RegisteredApi {
  readonly row: ApiRow
  readonly definition: Definition
  readonly credential: CredentialConfig
  /** At the version that calls use. */
  readonly document: ApiDocument
  readonly operations: readonly OperationRow[]
  readonly offered: readonly Offered[]
  /** What can be called; none while it is disabled. */
  readonly tools: readonly ApiTool[]
  readonly ground: ApiGround
}

/** The APIs, and their operations as tools. */
export interface Registry {
  readonly source: Source
  /** In the order of their aliases. */
  all(): readonly RegisteredApi[]
  find(alias: string): RegisteredApi | undefined
  /** @throws Fault `not_found` */
  get(alias: string): RegisteredApi
  byId(id: number): RegisteredApi | undefined
  /** Take over what is kept of an API. */
  refresh(alias: string): Promise<void>
  close(): void
}

/** How an API is called where somebody asks who uses a secret. */
export const userOf = (alias: string): string => `api ${alias}`

/** Build the tools of all APIs. */
export async function openRegistry(house: House<ApiModuleSettings>, rows: ApiRows): Promise<Registry> {
  const apis = new Map<string, RegisteredApi>()
  const listeners = new Set<() => void>()
  const keys = createCredentialKeys(house)
  let list: readonly Tool[] | undefined

  const load = async (row: ApiRow, before: RegisteredApi | undefined): Promise<RegisteredApi> => {
    const operations = await rows.operations(row.id)
    const document = await documentOf(rows, row, before)
    return build({ house, keys }, row, document, operations)
  }
  const takeOver = async (alias: string): Promise<void> => {
    const row = await rows.find(alias)
    const before = apis.get(alias)
    if (row) apis.set(alias, await load(row, before?.row.id === row.id ? before : undefined))
    else apis.delete(alias)
    house.secrets.declare(userOf(alias), row ? textsOf(house, apis.get(alias)!.credential) : {})
    list = undefined
    for (const listener of listeners) listener()
    house.events.publish('api', { alias })
  }
  // One after another, so that what was read first is never taken over last.
  let turn: Promise<unknown> = Promise.resolve()
  for (const row of await rows.all()) {
    const api = await load(row, undefined)
    apis.set(row.alias, api)
    house.secrets.declare(userOf(row.alias), textsOf(house, api.credential))
  }
  const all = (): readonly RegisteredApi[] => [...apis.values()].sort((a, b) => (a.row.alias < b.row.alias ? -1 : 1))
  return {
    all,
    close: keys.close,
    find: (alias) => apis.get(alias),
    get(alias) {
      const api = apis.get(alias)
      if (api) return api
      throw new Fault('not_found', `There is no API ${alias.slice(0, 80)}. The operation api_list names them.`)
    },
    byId: (id) => [...apis.values()].find(({ row }) => row.id === id),
    refresh(alias) {
      const mine = turn.then(() => takeOver(alias))
      turn = mine.catch(() => undefined)
      return mine
    },
    source: {
      list: () => (list ??= all().flatMap(({ tools }) => tools)),
      find: (name) => passTool(name, (alias) => apis.get(alias)),
      onChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
  }
}

/** What an API refers to: for assertions, the key that signs them. */
const textsOf = ({ settings }: House<ApiModuleSettings>, credential: CredentialConfig): Readonly<Record<string, string>> =>
  credential.kind === 'assertion' ? { 'signing keys': `secret:${settings.assertion.keys}` } : credentialTexts(credential)

/** Reading a large document again takes long, and only another version makes it necessary. */
async function documentOf(rows: ApiRows, row: ApiRow, before: RegisteredApi | undefined): Promise<ApiDocument> {
  if (before?.row.current_version === row.current_version) return before.document
  const version = await rows.version(row.id, row.current_version)
  if (!version) throw new TypeError(`API ${row.alias} has no version ${row.current_version}.`)
  return readModel(version)
}

function build(
  { house, keys }: { readonly house: House; readonly keys: CredentialKeys },
  row: ApiRow,
  document: ApiDocument,
  operations: readonly OperationRow[],
): RegisteredApi {
  const { alias } = row
  const definition = readDefinition(row.settings)
  const credential = CredentialConfig.parse(JSON.parse(row.credential))
  const offered = offeredOperations({ alias, definition, document, rows: operations })
  const credentialKey = keys.forCredential(credential)
  const asksCredential = credential.kind !== 'none'
  const ground: ApiGround = { house, apiId: row.id, alias, definition, asksCredential, credentialKey }
  const isOffered = ({ enabled, reason }: Offered): boolean => row.enabled === 1 && enabled && reason === undefined
  const tools = offered.filter(isOffered).map((one) => new ApiTool(ground, one, offered))
  return { row, definition, credential, document, operations, offered, tools, ground }
}
