import type { z } from 'zod'
import type { Taken } from './api.shapes.ts'
import type { ApiStore } from './api.store.ts'
import { diffDocuments } from './document/diff-documents.ts'
import type { RegisteredApi } from './registry.ts'
import { hashOf, type ReadText, readModel, shownChanges, storedVersion } from './stored-version.ts'

/** Who brings a new document, and whether they said yes to what it breaks. */
export interface Taking {
  readonly by: string
  readonly confirm: boolean
  /** It was fetched on schedule, or anew: the time of that is noted. */
  readonly fetchedAt: number | null
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
  const { alias, current_version, held_version } = api.row
  const noted = { fetch_fault: null, ...(taking.fetchedAt !== null && { fetched_at: taking.fetchedAt }) }
  const known = await knownAs(store, api, hashOf(read.text))
  if (known !== undefined && !(known === 'held' && taking.confirm)) {
    await rows.note(api.row, noted, taking.by)
    await registry.refresh(alias)
    const isHeld = known === 'held'
    return { alias, outcome: isHeld ? 'waiting' : 'same', version: isHeld ? held_version! : current_version, changes: null }
  }
  const changes = diffDocuments(api.document, read.document)
  const waits = changes.isBreaking && !taking.confirm
  const version = await rows.addVersion(
    api.row,
    await storedVersion(read, changes),
    (number) => ({
      ...noted,
      ...(waits ? { held_version: number } : { current_version: number, held_version: null }),
      ...(read.url !== null && { source_url: read.url }),
    }),
    taking.by,
  )
  await registry.refresh(alias)
  return { alias, outcome: waits ? 'waiting' : 'applied', version, changes: shownChanges(changes) }
}

/** Whether a text is that of the version in use, or of the one that waits. */
async function knownAs({ rows }: ApiStore, { row }: RegisteredApi, hash: string): Promise<'current' | 'held' | undefined> {
  const heads = await rows.versions(row.id)
  const hashAt = (version: number | null) => heads.find((head) => head.version === version)?.document_hash
  if (hashAt(row.current_version) === hash) return 'current'
  return hashAt(row.held_version) === hash ? 'held' : undefined
}

/** How another version differs from the one in use. */
export async function changesTo({ rows }: ApiStore, api: RegisteredApi, version: number) {
  const row = await rows.version(api.row.id, version)
  return row && shownChanges(diffDocuments(api.document, await readModel(row)))
}
