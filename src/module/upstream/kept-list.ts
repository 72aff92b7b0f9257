import { createHash } from 'node:crypto'
import { scrubValue } from '../../core/scrub-value.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import { type Listing, type ListOptions, listAll } from '../../mcp/client/list-all.ts'
import type { LeftOut } from './inspect-tool.ts'

/** What became of a server's list. */
export interface Catalogue<Item> {
  readonly items: readonly Item[]
  /** What is not offered, and why. */
  readonly leftOut: readonly LeftOut[]
  /** What an operator should know of what is offered. */
  readonly notes: readonly { readonly tool: string; readonly note: string }[]
}

interface KeptListParts<Item> {
  /** MCP method that lists it. */
  readonly method: string
  /** Field of the result that holds the entries. */
  readonly field: string
  readonly make: (listing: Listing) => Catalogue<Item>
}

const NOTHING: Listing = { entries: [], cutShort: undefined }

/** One of a server's lists, as it was last read. */
export class KeptList<Item extends { readonly localName: string }> {
  readonly #parts: KeptListParts<Item>
  #catalogue: Catalogue<Item> = { items: [], leftOut: [], notes: [] }
  #digest = digestOf(NOTHING)
  #byLocalName: ReadonlyMap<string, Item> | undefined

  constructor(parts: KeptListParts<Item>) {
    this.#parts = parts
  }

  get items(): readonly Item[] {
    return this.#catalogue.items
  }

  get leftOut(): Catalogue<Item>['leftOut'] {
    return this.#catalogue.leftOut
  }

  get notes(): Catalogue<Item>['notes'] {
    return this.#catalogue.notes
  }

  find(localName: string): Item | undefined {
    this.#byLocalName ??= new Map(this.items.map((item) => [item.localName, item]))
    return this.#byLocalName.get(localName)
  }

  /** Ask for all pages. @throws RpcError, ClientError */
  read(connection: Connection, options: ListOptions): Promise<Listing> {
    return listAll(connection, this.#parts.method, this.#parts.field, options)
  }

  /** Take over what was listed. @returns whether it is something else than what we knew */
  take(listing: Listing): boolean {
    // Lists do not pass the door, and a server may write its own environment into a description.
    const clean = scrubValue(listing)
    const digest = digestOf(clean)
    if (digest === this.#digest) return false
    this.#digest = digest
    this.#catalogue = this.#parts.make(clean)
    this.#byLocalName = undefined
    return true
  }

  /** There is nothing any more. @returns whether there was */
  clear(): boolean {
    return this.take(NOTHING)
  }
}

const digestOf = (listing: Listing): string => createHash('sha256').update(JSON.stringify(listing)).digest('hex')
