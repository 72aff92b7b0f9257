import { createHash } from 'node:crypto'

const MAX_CHARS = 64
const HASH_CHARS = 8

/** What a tool is called within its source, and in the catalog. */
export interface ToolName {
  readonly localName: string
  readonly name: string
}

/**
 * The catalog's name of a server's tool, `^[a-zA-Z0-9_-]{1,64}$`.
 *
 * The same for ever: it depends on nothing but prefix and name. What has to be changed or cut ends with a hash of the whole name, so that
 * two names that look alike stay two. It is mapped back by table, never by splitting.
 */
export function toolName(prefix: string, remoteName: string): ToolName {
  const lead = prefix === '' ? '' : `${prefix}__`
  const room = MAX_CHARS - lead.length
  const clean = remoteName.replace(/[^a-zA-Z0-9_-]/g, '_')
  const localName = clean === remoteName && clean.length <= room ? clean : shorten(clean, remoteName, room)
  return { localName, name: lead + localName }
}

function shorten(clean: string, remoteName: string, room: number): string {
  const hash = createHash('sha256').update(remoteName).digest('hex').slice(0, HASH_CHARS)
  return `${clean.slice(0, room - HASH_CHARS - 1)}_${hash}`
}
