import type { Caller } from '../contract/caller.ts'
import type { Events, Log } from '../contract/house.ts'
import type { Callable, Instructions, Listed, ListedKind, Source, Tool } from '../contract/tool.ts'

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** Everything that sources offer, by name; the only place that knows what can be called. */
export interface Catalog {
  /** The tools, sorted by name; the same array until `version` changes. */
  all(): readonly Tool[]
  /** What is offered besides, sorted by name; the same array until `version` changes. */
  listed(kind: ListedKind): readonly Listed[]
  /** Anything that can be called, also what its source lists nowhere. */
  find(name: string): Callable | undefined
  /** A tool, also one that its source lists nowhere. */
  findTool(name: string): Tool | undefined
  findLocal(source: string, localName: string): Tool | undefined
  /** What one client session is shown of what its caller may see; see `Source.shownTo`. */
  shownTo<Item extends Tool | Listed>(
    sessionKey: string,
    caller: Caller,
    kind: 'tool' | ListedKind,
    visible: readonly Item[],
  ): readonly Item[]
  /** Names that something with this URI may have, the likeliest first; see `Source.resourceNames`. */
  resourceNames(uri: string, source: string | undefined): readonly string[]
  /** What servers tell models about themselves, in the order of the sources. */
  instructions(): readonly Instructions[]
  /** Settles once every source has said for the first time what it offers, or has been waited for long enough. */
  settled(): Promise<unknown>
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
  readonly listed: Readonly<Record<ListedKind, readonly Listed[]>>
  readonly byName: ReadonlyMap<string, Callable>
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
  const find = (name: string): Callable | undefined => state.byName.get(name) ?? unlisted(name)
  const unlisted = (name: string): Callable | undefined => {
    for (const source of sources.values()) {
      const tool = source.find?.(name)
      if (tool) return tool
    }
    return undefined
  }
  return {
    all: () => state.all,
    listed: (kind) => state.listed[kind],
    find,
    findTool(name) {
      const found = find(name)
      return found && isTool(found) ? found : undefined
    },
    resourceNames: (uri, source) => [...sources.values()].flatMap((each) => each.resourceNames?.(uri, source) ?? []),
    instructions: () => [...sources.values()].flatMap((each) => each.instructions?.() ?? []),
    settled: () => Promise.all([...sources.values()].map((source) => source.settled?.())),
    findLocal(source, localName) {
      const listed = state.byLocalName.get(`${source}\n${localName}`)
      if (listed) return listed
      for (const each of sources.values()) {
        const tool = each.findLocal?.(source, localName)
        if (tool) return tool
      }
      return undefined
    },
    shownTo: (sessionKey, caller, kind, visible) =>
      [...sources.values()].reduce((items, source) => source.shownTo?.(sessionKey, caller, kind, items) ?? items, visible),
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
  const byName = new Map<string, Callable>()
  const byLocalName = new Map<string, Tool>()
  const leaveOut = ({ name, source }: Callable): void => log.warn({ tool: name.slice(0, 80), source }, 'catalog.tool_left_out')
  const add = (tool: Tool): void => {
    if (!TOOL_NAME.test(tool.name) || byName.has(tool.name)) return void leaveOut(tool)
    byName.set(tool.name, tool)
    byLocalName.set(`${tool.source}\n${tool.localName}`, tool)
  }
  for (const tool of operations) add(tool)
  for (const source of sources.values()) for (const tool of source.list()) add(tool)
  const all = [...byName.values()].filter(isTool).sort(byItsName)
  const listedOf = (kind: ListedKind): Listed[] => {
    const taken: Listed[] = []
    for (const source of sources.values()) {
      for (const one of source.listed?.(kind) ?? []) {
        if (byName.has(one.name)) leaveOut(one)
        else {
          byName.set(one.name, one)
          taken.push(one)
        }
      }
    }
    return taken.sort(byItsName)
  }
  const listed = { prompt: listedOf('prompt'), resource: listedOf('resource'), template: listedOf('template') }
  return { version, all, listed, byName, byLocalName }
}

const isTool = (one: Callable): one is Tool => one.kind === 'operation' || one.kind === 'dynamic'

const byItsName = (a: Callable, b: Callable): number => (a.name < b.name ? -1 : 1)
