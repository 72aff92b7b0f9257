import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { z } from 'zod'
import type { Changes } from './api.shapes.ts'
import type { NewVersion } from './api-rows.ts'
import type { ApiDocument } from './document/api-document.ts'
import type { DocumentDiff } from './document/diff-documents.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/** A document's text, and what was read from it. */
export interface ReadText {
  readonly text: string
  readonly document: ApiDocument
  /** Names it with everything that it refers to elsewhere; see `hashOf`. */
  readonly hash: string
  /** Where it was fetched; null for one that was sent. */
  readonly url: string | null
}

/**
 * Names a document: SHA-256 in hex, of its text and, where it refers to others, of theirs.
 *
 * @param parts texts of other documents by their address
 */
export function hashOf(text: string, parts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(text)
  for (const [url, part] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(JSON.stringify([url, part]))
  return hash.digest('hex')
}

/** Put a document and what was read from it into a row. */
export async function storedVersion({ text, document, hash, url }: ReadText, changes: DocumentDiff | null): Promise<NewVersion> {
  return {
    document_hash: hash,
    document: await pack(text),
    model: await pack(JSON.stringify(document)),
    changes: changes === null ? null : JSON.stringify(shownChanges(changes)),
    source_url: url,
  }
}

/** A difference as it is kept and shown. */
export function shownChanges({ added, removed, compatible, breaking }: DocumentDiff): z.output<typeof Changes> {
  const listed = (changes: DocumentDiff['breaking']) => changes.map((one) => ({ key: one.key, changes: [...one.changes] }))
  return { added: [...added], removed: [...removed], compatible: listed(compatible), breaking: listed(breaking) }
}

/** What was read from a document when its version was made. */
export async function readModel({ model }: { readonly model: Uint8Array }): Promise<ApiDocument> {
  return JSON.parse((await unpack(model)).toString('utf8')) as ApiDocument
}

/** The text of a version's document. */
export async function readText({ document }: { readonly document: Uint8Array }): Promise<string> {
  return (await unpack(document)).toString('utf8')
}
