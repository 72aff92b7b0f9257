import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../../contract/caller.ts'
import type { Listed, ListedKind, Tool } from '../../contract/tool.ts'
import { RPC, RpcError } from '../rpc.ts'
import type { Backend } from './backend.ts'
import { isRecord } from './message.ts'

/** What there are lists of. */
export type ListKind = 'tool' | ListedKind

/** How each list stood when a client last heard of it, by fingerprint. */
export type KnownLists = Readonly<Record<ListKind, string>>

type Item = Tool | Listed

interface Rendered {
  /** The definition, as it stands in the list. */
  readonly json: string
  readonly digest: string
}

/** What one caller is shown at one address. */
interface List {
  readonly items: readonly Item[]
  /** Equal exactly when two lists say the same. */
  readonly fingerprint: string
  readonly sources: readonly string[]
  readonly hasTasks: boolean
}

/** How each list is spelt: the field of the result, and the field of an item that clients name it by. */
const SPELLING = {
  tool: { list: 'tools', name: 'name' },
  prompt: { list: 'prompts', name: 'name' },
  resource: { list: 'resources', name: 'uri' },
  template: { list: 'resourceTemplates', name: 'uriTemplate' },
} as const satisfies Record<ListKind, { readonly list: string; readonly name: string }>

const KINDS = Object.keys(SPELLING) as readonly ListKind[]

/** Bytes of rendered pages that are kept; equal lists of different callers share theirs. */
const PAGE_CACHE_BYTES = 16 * 1024 * 1024

/**
 * `tools/list` and its like, rendered as seldom as possible: each definition once, each page once per different list.
 *
 * Lists are recognised by the array that the door hands out, so nothing is compared while nothing changes.
 */
export class Lists {
  readonly #backend: Backend
  readonly #perPage: number
  readonly #lists = new WeakMap<readonly Item[], Map<string | undefined, List>>()
  readonly #full = new WeakMap<Item, Rendered>()
  readonly #local = new WeakMap<Item, Rendered>()
  readonly #pages = new LRUCache<string, string>({ maxSize: PAGE_CACHE_BYTES, sizeCalculation: (page) => page.length + 1 })

  constructor(backend: Backend, perPage: number) {
    this.#backend = backend
    this.#perPage = perPage
  }

  /** What the list says, in short; the same text object as long as it does. @param sessionKey of the session that it is for, where it is for one */
  fingerprint(kind: ListKind, caller: Caller, source: string | undefined, sessionKey?: string): string {
    return this.#list(kind, caller, source, sessionKey).fingerprint
  }

  /** The fingerprints of all lists. */
  known(caller: Caller, source: string | undefined): KnownLists {
    const of = (kind: ListKind): string => this.fingerprint(kind, caller, source)
    return { tool: of('tool'), prompt: of('prompt'), resource: of('resource'), template: of('template') }
  }

  /** The sources of what is listed. */
  sources(caller: Caller, source: string | undefined): ReadonlySet<string> {
    return new Set(KINDS.flatMap((kind) => this.#list(kind, caller, source).sources))
  }

  /** Whether some tool can be called as a task (MCP 2025-11-25, experimental). */
  hasTasks(caller: Caller, source: string | undefined): boolean {
    return this.#list('tool', caller, source).hasTasks
  }

  /** One page as the JSON of e.g. a `ListToolsResult`. @throws RpcError -32602 for a cursor that was not ours, or another list's */
  page(kind: ListKind, caller: Caller, source: string | undefined, cursor: unknown, sessionKey?: string): string {
    const list = this.#list(kind, caller, source, sessionKey)
    const from = cursor === undefined ? 0 : indexAfter(list.items, source, readCursor(kind, cursor))
    const key = `${kind}/${list.fingerprint}/${from}`
    const known = this.#pages.get(key)
    if (known !== undefined) return known
    const page = this.#render(kind, list.items, source, from)
    this.#pages.set(key, page)
    return page
  }

  #list(kind: ListKind, caller: Caller, source: string | undefined, sessionKey?: string): List {
    const all = kind === 'tool' ? this.#backend.visible(caller) : this.#backend.visibleListed(caller, kind)
    const visible = sessionKey === undefined ? all : this.#backend.shownTo<Item>(sessionKey, caller, kind, all)
    const bySource = this.#lists.get(visible) ?? new Map<string | undefined, List>()
    this.#lists.set(visible, bySource)
    const known = bySource.get(source)
    if (known) return known
    const items = inOrder(source === undefined ? visible : visible.filter((item) => item.source === source), source)
    const digests = items.map((item) => this.#rendered(item, source).digest)
    const list = {
      items,
      fingerprint: hash('sha256', digests.join(''), 'base64url'),
      sources: [...new Set(items.map((item) => item.source))],
      hasTasks: items.some(takesTasks),
    }
    // Names of sources come from the address, so only those that exist are remembered.
    if (items.length > 0) bySource.set(source, list)
    return list
  }

  #render(kind: ListKind, items: readonly Item[], source: string | undefined, from: number): string {
    const shown = items.slice(from, from + this.#perPage)
    const definitions = shown.map((item) => this.#rendered(item, source).json).join(',')
    const last = shown.at(-1)
    const next = last && from + shown.length < items.length ? `,"nextCursor":"${writeCursor(kind, shownName(last, source))}"` : ''
    return `{"${SPELLING[kind].list}":[${definitions}]${next}}`
  }

  #rendered(item: Item, source: string | undefined): Rendered {
    const cache = source === undefined ? this.#full : this.#local
    const known = cache.get(item)
    if (known) return known
    const json = JSON.stringify({ ...definitionOf(item, source), [SPELLING[listKindOf(item)].name]: shownName(item, source) })
    const rendered = { json, digest: hash('sha256', json, 'base64url') }
    cache.set(item, rendered)
    return rendered
  }
}

const listKindOf = ({ kind }: Item): ListKind => (kind === 'operation' || kind === 'dynamic' ? 'tool' : kind)

/** Whether a tool can be called as a task (MCP 2025-11-25, experimental). */
export function takesTasks({ definition }: Pick<Item, 'definition'>): boolean {
  const { execution } = definition
  const support = isRecord(execution) ? execution['taskSupport'] : undefined
  return support === 'optional' || support === 'required'
}

/** What clients call it: at the address of one source, what the source itself does. */
const shownName = (item: Item, source: string | undefined): string => {
  if (source !== undefined) return item.localName
  return 'shownName' in item ? item.shownName : item.name
}

/** URIs of pages in it may have to be other ones where several sources have the same. */
const definitionOf = (item: Item, source: string | undefined): Item['definition'] =>
  source === undefined && 'shownDefinition' in item ? (item.shownDefinition ?? item.definition) : item.definition

function inOrder(items: readonly Item[], source: string | undefined): readonly Item[] {
  return items.toSorted((a, b) => (shownName(a, source) < shownName(b, source) ? -1 : 1))
}

/** A cursor names the last item that was sent, so a page follows on even when the list has changed meanwhile. */
const writeCursor = (kind: ListKind, name: string): string => Buffer.from(`${kind}:${name}`).toString('base64url')

function readCursor(kind: ListKind, cursor: unknown): string {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : ''
  const name = text.slice(kind.length + 1)
  // Decoding is lenient, so the cursor must also be spelt as we spell it.
  if (name !== '' && writeCursor(kind, name) === cursor) return name
  throw new RpcError(RPC.invalidParams, 'The cursor is not one of ours. Send the nextCursor of the page before, or none.')
}

function indexAfter(items: readonly Item[], source: string | undefined, name: string): number {
  const index = items.findIndex((item) => shownName(item, source) > name)
  return index === -1 ? items.length : index
}
