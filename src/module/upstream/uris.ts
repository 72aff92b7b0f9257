import { LRUCache } from 'lru-cache'
import type { Client, RelayedResult } from '../../contract/visit.ts'
import type { Params } from './question.ts'
import { shownUri } from './shown-uri.ts'
import { readTemplate, type UriTemplate } from './uri-template.ts'

/** URIs in results that are remembered, so that whoever reads one is led here. */
const MAX_LEARNED = 1_000

type Block = Params

/** The URIs of one upstream: those that others have as well, and those that stand in no list but were told of. */
export class Uris {
  readonly #alias: string
  readonly #learned = new LRUCache<string, true>({ max: MAX_LEARNED })
  #shared: ReadonlySet<string> = new Set()
  #sharedTemplates: readonly UriTemplate[] = []

  constructor(alias: string) {
    this.#alias = alias
  }

  /** Which URIs and templates other upstreams list, too. */
  share(uris: ReadonlySet<string>, templates: readonly string[]): void {
    this.#shared = uris
    this.#sharedTemplates = templates.map(readTemplate)
  }

  /** Whether a result told of it lately. */
  knows(uri: string): boolean {
    return this.#learned.has(uri)
  }

  /** A list that not everybody is shown tells of it. */
  learn(uri: string): void {
    this.#learned.set(uri, true)
  }

  /** Whether clients that see all sources must be told another URI. */
  isShared(uri: string): boolean {
    return this.#shared.has(uri) || this.#sharedTemplates.some((template) => template.fits(uri))
  }

  /** A result as a client is told it: its URIs are those by which the client will ask. The very same where they are already. */
  result(client: Client | undefined, result: RelayedResult): RelayedResult {
    const { content, contents, messages } = result as Record<string, unknown>
    if (content === undefined && contents === undefined && messages === undefined) return result
    const changed = {
      ...this.#changedList('content', content, (block) => this.#block(client, block)),
      ...this.#changedList('contents', contents, (one) => this.#withUri(client, one)),
      ...this.#changedList('messages', messages, (message) => this.#message(client, message)),
    }
    return Object.keys(changed).length === 0 ? result : { ...result, ...changed }
  }

  /** Anything with a field `uri`, as a client is told it. */
  shownIn(client: Client, params: Params): Params {
    return this.#withUri(client, params)
  }

  #changedList(name: string, list: unknown, change: (item: Params) => Params): Params {
    if (!Array.isArray(list)) return {}
    let changed: unknown[] | undefined
    for (const [index, item] of list.entries()) {
      const other = isRecord(item) ? change(item) : item
      if (other === item) continue
      changed ??= [...list]
      changed[index] = other
    }
    return changed === undefined ? {} : { [name]: changed }
  }

  #message(client: Client | undefined, message: Params): Params {
    const { content } = message
    if (Array.isArray(content)) {
      const changed = this.#changedList('content', content, (block) => this.#block(client, block))
      return 'content' in changed ? { ...message, ...changed } : message
    }
    if (!isRecord(content)) return message
    const block = this.#block(client, content)
    return block === content ? message : { ...message, content: block }
  }

  #block(client: Client | undefined, block: Block): Block {
    if (block['type'] === 'resource_link') return this.#withUri(client, block)
    const { resource } = block
    if (block['type'] !== 'resource' || !isRecord(resource)) return block
    const shown = this.#withUri(client, resource)
    return shown === resource ? block : { ...block, resource: shown }
  }

  #withUri(client: Client | undefined, owner: Params): Params {
    const { uri } = owner
    if (typeof uri !== 'string') return owner
    this.#learned.set(uri, true)
    // At the address of one source nothing clashes, and who is no MCP client does not ask by URI.
    if (client === undefined || client.source !== undefined || !this.isShared(uri)) return owner
    return { ...owner, uri: shownUri(this.#alias, uri) }
  }
}

const isRecord = (value: unknown): value is Params => typeof value === 'object' && value !== null && !Array.isArray(value)
