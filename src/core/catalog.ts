import type { Events, Log } from '../contract/house.ts'
import type { Source, Tool } from '../contract/tool.ts'

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** All tools of all sources, by name; the only place that knows what can be called. */
export interface Catalog {
  /** Sorted by name; the same array until `version` changes. */
  all(): readonly Tool[]
  /** Also what its source lists nowhere. */
  find(name: string): Tool | undefined
  findLocal(source: string, localName: string): Tool | undefined
  /** Grows with every change. */
  readonly version: number
  /** @returns a function that ends the subscription */
  onChange(listener: () => void): () => void
}

/** A catalog that sources can still be added to. */
export interface OpenCatalog extends Catalog {
  addSource(name: string, source: Source): void
}

interface State {
  readonly version: number
  readonly all: readonly Tool[]
  readonly byName: ReadonlyMap<string, Tool>
  readonly byLocalName: ReadonlyMap<string, Tool>
}

/** A source's tool that clashes or has an impossible name is left out and logged; it never hides the others. */
export function createCatalog({
  operations,
  events,
  log,
}: {
  operations: readonly Tool[]
  events: Events
  log: Log
}): OpenCatalog {
  const sources = new Map<string, Source>()
  const listeners = new Set<() => void>()
  let state = index(operations, sources, 1, log)

  const rebuild = (source: string): void => {
    state = index(operations, sources, state.version + 1, log)
    for (const listener of listeners) listener()
    events.publish('catalog', { source })
  }
  const unlisted = (name: string): Tool | undefined => {
    for (const source of sources.values()) {
      const tool = source.find?.(name)
      if (tool) return tool
    }
    return undefined
  }
  return {
    all: () => state.all,
    find: (name) => state.byName.get(name) ?? unlisted(name),
    findLocal: (source, localName) => state.byLocalName.get(`${source}\n${localName}`),
    get version() {
      return state.version
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    addSource(name, source) {
      sources.set(name, source)
      source.onChange(() => rebuild(name))
      rebuild(name)
    },
  }
}

function index(operations: readonly Tool[], sources: ReadonlyMap<string, Source>, version: number, log: Log): State {
  const byName = new Map<string, Tool>()
  const byLocalName = new Map<string, Tool>()
  const add = (tool: Tool): void => {
    if (!TOOL_NAME.test(tool.name) || byName.has(tool.name)) {
      log.warn({ tool: tool.name.slice(0, 80), source: tool.source }, 'catalog.tool_left_out')
      return
    }
    byName.set(tool.name, tool)
    byLocalName.set(`${tool.source}\n${tool.localName}`, tool)
  }
  for (const tool of operations) add(tool)
  for (const source of sources.values()) for (const tool of source.list()) add(tool)
  const all = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { version, all, byName, byLocalName }
}
