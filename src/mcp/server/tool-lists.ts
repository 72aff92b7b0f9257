import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../../contract/caller.ts'
import type { Tool } from '../../contract/tool.ts'
import { RPC, RpcError } from '../rpc.ts'
import type { Backend } from './backend.ts'
import { shownName } from './tool-names.ts'

interface Rendered {
  /** The definition, as it stands in the list. */
  readonly json: string
  readonly digest: string
}

/** The tools of one caller at one address. */
interface ToolList {
  readonly tools: readonly Tool[]
  /** Equal exactly when two lists say the same. */
  readonly fingerprint: string
}

const CURSOR_MARK = 'after:'

/** Bytes of rendered pages that are kept; equal lists of different callers share theirs. */
const PAGE_CACHE_BYTES = 16 * 1024 * 1024

/**
 * `tools/list`, rendered as seldom as possible: each definition once, each page once per different list.
 *
 * Lists are recognised by the array that the door hands out, so nothing is compared while nothing changes.
 */
export class ToolLists {
  readonly #backend: Backend
  readonly #perPage: number
  readonly #lists = new WeakMap<readonly Tool[], Map<string | undefined, ToolList>>()
  readonly #full = new WeakMap<Tool, Rendered>()
  readonly #local = new WeakMap<Tool, Rendered>()
  readonly #pages = new LRUCache<string, string>({ maxSize: PAGE_CACHE_BYTES, sizeCalculation: (page) => page.length + 1 })

  constructor(backend: Backend, perPage: number) {
    this.#backend = backend
    this.#perPage = perPage
  }

  /** What the list says, in short; the same text object as long as it does. */
  fingerprint(caller: Caller, source: string | undefined): string {
    return this.#list(caller, source).fingerprint
  }

  /** Whether there is anything to call. */
  isEmpty(caller: Caller, source: string | undefined): boolean {
    return this.#list(caller, source).tools.length === 0
  }

  /** One page as the JSON of a `ListToolsResult`. @throws RpcError -32602 for a cursor that was not ours */
  page(caller: Caller, source: string | undefined, cursor: unknown): string {
    const list = this.#list(caller, source)
    const from = cursor === undefined ? 0 : indexAfter(list.tools, source, readCursor(cursor))
    const key = `${list.fingerprint}/${from}`
    const known = this.#pages.get(key)
    if (known !== undefined) return known
    const page = this.#render(list.tools, source, from)
    this.#pages.set(key, page)
    return page
  }

  #list(caller: Caller, source: string | undefined): ToolList {
    const visible = this.#backend.visible(caller)
    const bySource = this.#lists.get(visible) ?? new Map<string | undefined, ToolList>()
    this.#lists.set(visible, bySource)
    const known = bySource.get(source)
    if (known) return known
    const tools = source === undefined ? visible : ofSource(visible, source)
    const digests = tools.map((tool) => this.#rendered(tool, source).digest)
    const list = { tools, fingerprint: hash('sha256', digests.join(''), 'base64url') }
    // Names of sources come from the address, so only those that exist are remembered.
    if (tools.length > 0) bySource.set(source, list)
    return list
  }

  #render(tools: readonly Tool[], source: string | undefined, from: number): string {
    const shown = tools.slice(from, from + this.#perPage)
    const definitions = shown.map((tool) => this.#rendered(tool, source).json).join(',')
    const last = shown.at(-1)
    const next = last && from + shown.length < tools.length ? `,"nextCursor":"${writeCursor(shownName(last, source))}"` : ''
    return `{"tools":[${definitions}]${next}}`
  }

  #rendered(tool: Tool, source: string | undefined): Rendered {
    const cache = source === undefined ? this.#full : this.#local
    const known = cache.get(tool)
    if (known) return known
    const json = JSON.stringify({ ...tool.definition, name: shownName(tool, source) })
    const rendered = { json, digest: hash('sha256', json, 'base64url') }
    cache.set(tool, rendered)
    return rendered
  }
}

const ofSource = (tools: readonly Tool[], source: string): Tool[] =>
  tools.filter((tool) => tool.source === source).sort((a, b) => (a.localName < b.localName ? -1 : 1))

/** A cursor names the last tool that was sent, so a page follows on even when the list has changed meanwhile. */
const writeCursor = (name: string): string => Buffer.from(CURSOR_MARK + name).toString('base64url')

function readCursor(cursor: unknown): string {
  const text = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : ''
  const name = text.slice(CURSOR_MARK.length)
  // Decoding is lenient, so the cursor must also be spelt as we spell it.
  if (name !== '' && writeCursor(name) === cursor) return name
  throw new RpcError(RPC.invalidParams, 'The cursor is not one of ours. Send the nextCursor of the page before, or none.')
}

function indexAfter(tools: readonly Tool[], source: string | undefined, name: string): number {
  const index = tools.findIndex((tool) => shownName(tool, source) > name)
  return index === -1 ? tools.length : index
}
