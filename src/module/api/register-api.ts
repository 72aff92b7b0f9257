import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { CredentialConfig } from '../../core/credential/credential-config.ts'
import { ALIAS, ALIAS_RULE } from './alias.ts'
import type { ApiStore } from './api.store.ts'
import { Definition } from './definition.ts'
import type { ApiDocument } from './document/api-document.ts'
import type { RegisteredApi } from './registry.ts'
import { type ReadText, storedVersion } from './stored-version.ts'

/** What a registration says. */
export interface Registration {
  readonly alias: string
  readonly settings: Omit<Definition, 'serverUrl'> & { readonly serverUrl?: string | undefined }
  readonly credential: CredentialConfig
  /** Keys of the operations that become tools; undefined for all. */
  readonly only: readonly string[] | undefined
}

/** Sources that are no upstream and no module, and yet stand before `__` or in addresses. */
const TAKEN = new Set(['fn', 'x', 'api', 'tools', 'docs'])

/**
 * Keep an API and make its tools.
 *
 * @throws Fault `invalid`, `conflict`
 */
export async function registerApi(
  store: ApiStore,
  read: ReadText,
  { alias, settings, credential, only }: Registration,
  { id: by }: Caller,
): Promise<RegisteredApi> {
  requireFree(store, alias)
  const { document } = read
  const keys = new Set(document.operations.map(({ key }) => key))
  if (keys.size === 0)
    throw new Fault('invalid', 'The document offers no operation that could be called, so there is nothing to register.')
  const unknown = only?.find((key) => !keys.has(key))
  if (unknown !== undefined) {
    const message = `The document has no operation ${unknown.slice(0, 200)}`
    throw new Fault('invalid', `${message}.`, { details: [{ path: '/only', message }] })
  }
  const definition = Definition.parse({ ...settings, serverUrl: serverUrlOf(settings.serverUrl, document) })
  await requireKeyFor(store, credential)
  const version = await storedVersion(read, null)
  const { rows, registry, house } = store
  const api = {
    alias,
    settings: JSON.stringify(definition),
    credential: JSON.stringify(credential),
    source_url: read.url,
    fetched_at: read.url === null ? null : house.nowMs(),
  }
  await rows.add(api, version, only === undefined ? [] : [...keys].filter((key) => !only.includes(key)), by)
  await registry.refresh(alias)
  return registry.get(alias)
}

/** An API that asks for assertions needs a key that signs them. @throws Fault `conflict` */
export async function requireKeyFor({ signer }: ApiStore, credential: CredentialConfig): Promise<void> {
  if (credential.kind !== 'assertion') return
  await signer.requireKey().catch((cause: unknown) => {
    throw new Fault('conflict', 'No key signs assertions yet. Make one with api_rotate_signing_key first.', { cause })
  })
}

/** @throws Fault `invalid` where there is no address to send requests to */
function serverUrlOf(chosen: string | undefined, { servers }: ApiDocument): string {
  const url = chosen ?? servers[0]?.url
  if (url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)) return url
  const message = 'The document names no server that could be reached. Say where the API is'
  throw new Fault('invalid', `${message}.`, { details: [{ path: '/serverUrl', message }] })
}

/** @throws Fault `invalid`, `conflict` */
function requireFree({ registry, house }: ApiStore, alias: string): void {
  if (!ALIAS.test(alias)) throw new Fault('invalid', ALIAS_RULE, { details: [{ path: '/alias', message: ALIAS_RULE }] })
  if (registry.find(alias))
    throw new Fault('conflict', `There is an API ${alias} already. Choose another alias, or replace its document.`)
  const isForeign = house.tools().some(({ source, name }) => source === alias || name.startsWith(`${alias}__`))
  if (isForeign || TAKEN.has(alias))
    throw new Fault('conflict', `The alias ${alias} belongs to an upstream or to the gateway itself. Choose another one.`)
}
