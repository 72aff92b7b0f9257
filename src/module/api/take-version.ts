import type { z } from 'zod'
import type { Taken } from './api.shapes.ts'
import type { ApiStore } from './api.store.ts'
import type { VersionHead } from './api-rows.ts'
import { diffDocuments } from './document/diff-documents.ts'
import type { RegisteredApi } from './registry.ts'
import { type ReadText, readModel, shownChanges, storedVersion } from './stored-version.ts'

/** Who brings a new document, and whether they said yes to what it breaks. */
export interface Taking {
  readonly by: string
  readonly confirm: boolean
  /** It was fetched: when. Null for one that was sent. */
  readonly fetchedAt: number | null
  /** Nobody asked for it: what somebody decided against is not brought up again. */
  readonly isScheduled: boolean
}

/**
 * Take a new document for an API: as its version from now on, or, where it breaks what callers may rely on and nobody said yes to that, as one
 * that waits to be confirmed.
 */
export async function takeVersion(
  store: ApiStore,
  api: RegisteredApi,
  read: ReadText,
  taking: Taking,
): Promise<z.output<typeof Taken>> {
  const { rows, registry } = store
  const { alias, current_version } = api.row
  const noted = { fetch_fault: null, ...(taking.fetchedAt !== null && { fetched_at: taking.fetchedAt }) }
  const known = await knownAs(store, api, read.hash)
  if (known && (known.version === current_version || (taking.isScheduled && isDecided(api, known)))) {
    // Whoever publishes the document took back what waited.
    const isBack = known.version === current_version && taking.fetchedAt !== null
    await rows.note(api.row, { ...noted, ...(isBack && { held_version: null }) }, taking.by)
    await registry.refresh(alias)
    return { alias, outcome: 'same', version: current_version, changes: null }
  }
  const changes = diffDocuments(api.document, read.document)
  const waits = changes.isBreaking && !taking.confirm
  const become = (number: number) => ({
    ...noted,
    ...(waits ? { held_version: number } : { current_version: number, held_version: null }),
    ...(read.url !== null && { source_url: read.url }),
  })
  const version = known?.version ?? (await rows.addVersion(api.row, await storedVersion(read, changes), become, taking.by))
  if (known) await rows.note(api.row, become(version), taking.by)
  await registry.refresh(alias)
  return { alias, outcome: waits ? 'waiting' : 'applied', version, changes: shownChanges(changes) }
}

/** The version that has this text: the one in use, or a newer one. An older one that comes back is news. */
async function knownAs({ rows }: ApiStore, { row }: RegisteredApi, hash: string): Promise<VersionHead | undefined> {
  const heads = await rows.versions(row.id)
  const same = heads.filter((head) => head.document_hash === hash && head.version >= row.current_version)
  return same.find(({ version }) => version === row.current_version) ?? same[0]
}

/** It is newer than the version in use and does not wait any more: somebody discarded it, or went back to an earlier one. */
const isDecided = ({ row }: RegisteredApi, { version }: VersionHead): boolean =>
  version > row.current_version && version !== row.held_version

/** How another version differs from the one in use. */
export async function changesTo({ rows }: ApiStore, api: RegisteredApi, version: number) {
  const row = await rows.version(api.row.id, version)
  return row && shownChanges(diffDocuments(api.document, await readModel(row)))
}
