import type { Caller } from '../../contract/caller.ts'
import type { House } from '../../contract/house.ts'
import type { Callable, ListedKind } from '../../contract/tool.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import { KeptList } from './kept-list.ts'
import type { Link } from './link.ts'
import { CHANGES } from './lists.ts'
import type { Offer } from './offer.ts'
import { LISTED, offersOf } from './offers-of.ts'
import type { SessionLine } from './sessions.ts'
import { UpstreamTool, upstreamTools } from './upstream-tools.ts'

type Kind = 'tool' | ListedKind
type Item = UpstreamTool | Offer

interface OwnListsParts {
  readonly background: House['background']
  /** A session is to be shown something else than before. */
  readonly onChange: (sessionKey: string) => void
}

/** Who is shown what. */
interface ToSession {
  readonly sessionKey: string
  readonly caller: Caller
  readonly kind: Kind
  /** Whether a name of the door leads to this upstream. */
  readonly leadsTo: (name: string, alias: string) => boolean
}

/** What one process of a server lists that belongs to a single client session. */
interface Own {
  readonly connection: Connection
  /** Only what it said that it had changed. */
  readonly lists: Map<Kind, KeptList<Item>>
  readonly changed: Set<Kind>
  readAt: number
  timer: NodeJS.Timeout | undefined
}

/** Servers announce changes in bursts. */
const DEBOUNCE_MS = 100
/** A process that announces changes without end is asked no more often than this. */
const PAUSE_MS = 1_000

/**
 * Lists of processes that belong to one client session each, where they are others than those of the process that everybody is shown.
 *
 * Only over stdio, where each session has a process of its own and nobody else hears what it says.
 */
export class OwnLists {
  readonly #link: Link
  readonly #parts: OwnListsParts
  readonly #bySession = new Map<string, Own>()
  /** What everybody is shown, by the list that says so. */
  readonly #forAll = new WeakMap<readonly Item[], ReadonlySet<string>>()

  constructor(link: Link, parts: OwnListsParts) {
    this.#link = link
    this.#parts = parts
  }

  /** A process says that one of its lists is another now. */
  heard({ key }: SessionLine, method: string): void {
    const kinds = CHANGES[method]
    const [, sessionKey, further] = key.split('\n')
    // A session's further processes are there so that calls do not meet; the first one speaks for it.
    if (kinds === undefined || sessionKey === undefined || further !== undefined) return
    if (this.#link.definition.transport !== 'stdio') return
    const connection = this.#connectionOf(sessionKey)
    if (connection === undefined) return
    const own = this.#ownOf(sessionKey, connection)
    for (const kind of kinds) own.changed.add(kind)
    const waitMs = Math.max(DEBOUNCE_MS, own.readAt + PAUSE_MS - performance.now())
    own.timer ??= setTimeout(
      () => this.#parts.background('upstream.own_list_failed', this.#read(sessionKey, own)),
      waitMs,
    ).unref()
  }

  /** What is shown to one session: without what its process does not have, with what only that has. The very same list where there is neither. */
  shown<Shown extends Callable>({ sessionKey, caller, kind, leadsTo }: ToSession, visible: readonly Shown[]): readonly Shown[] {
    const own = this.#live(sessionKey)?.lists.get(kind)
    if (own === undefined) return visible
    const here = new Set(own.items.map(remoteNameOf))
    const isGone = (item: Callable): boolean => this.#isOurs(item, kind) && !here.has(remoteNameOf(item))
    const taken = new Set(visible.map(({ name }) => name))
    const added = own.items
      .filter((item) => caller.grants.allows(item.permit) && !this.#isForAll(kind, item))
      .map(shownAs)
      .filter(({ name }) => !taken.has(name) && leadsTo(name, this.#link.alias))
    if (added.length === 0 && !visible.some(isGone)) return visible
    return [...visible.filter((item) => !isGone(item)), ...(added as readonly Callable[] as readonly Shown[])]
  }

  /** A tool that stands in the list of some session's process alone; whether a caller's own has it is for that to say. */
  findTool(fits: (tool: UpstreamTool) => boolean): UpstreamTool | undefined {
    return this.#find('tool', (item) => item instanceof UpstreamTool && fits(item)) as UpstreamTool | undefined
  }

  /** The same of what is listed besides. */
  findOffer(kind: ListedKind, localName: string): Offer | undefined {
    return this.#find(kind, (item) => item.localName === localName) as Offer | undefined
  }

  #find(kind: Kind, fits: (item: Item) => boolean): Item | undefined {
    for (const sessionKey of [...this.#bySession.keys()]) {
      const found = this.#live(sessionKey)
        ?.lists.get(kind)
        ?.items.find((item) => fits(item) && !this.#isForAll(kind, item))
      if (found !== undefined) return shownAs(found)
    }
    return undefined
  }

  /** The client session is over. */
  forget(sessionKey: string): void {
    clearTimeout(this.#bySession.get(sessionKey)?.timer)
    this.#bySession.delete(sessionKey)
  }

  get size(): number {
    return this.#bySession.size
  }

  async #read(sessionKey: string, own: Own): Promise<void> {
    own.timer = undefined
    own.readAt = performance.now()
    const kinds = [...own.changed]
    own.changed.clear()
    const timeoutMs = this.#link.definition.idleTimeoutMs
    await Promise.all(
      kinds.map(async (kind) => {
        const list = own.lists.get(kind) ?? this.#listOf(kind)
        list.take(await list.read(own.connection, { timeoutMs }))
        own.lists.set(kind, list)
        if (kind === 'resource') for (const { localName } of list.items) this.#link.uris.learn(localName)
      }),
    )
    if (this.#bySession.get(sessionKey) === own) this.#parts.onChange(sessionKey)
  }

  #listOf(kind: Kind): KeptList<Item> {
    const link = this.#link
    if (kind === 'tool')
      return new KeptList<Item>({ method: 'tools/list', field: 'tools', make: (listing) => upstreamTools(link, listing) })
    return new KeptList<Item>({ ...LISTED[kind], make: (listing) => offersOf(link, kind, listing) })
  }

  #ownOf(sessionKey: string, connection: Connection): Own {
    const known = this.#bySession.get(sessionKey)
    if (known?.connection === connection) return known
    this.forget(sessionKey)
    const own: Own = { connection, lists: new Map(), changed: new Set(), readAt: Number.NEGATIVE_INFINITY, timer: undefined }
    this.#bySession.set(sessionKey, own)
    return own
  }

  /** A process that is gone has no lists; the one after it begins anew. */
  #live(sessionKey: string): Own | undefined {
    const own = this.#bySession.get(sessionKey)
    if (own === undefined || own.connection.open) return own
    this.forget(sessionKey)
    return undefined
  }

  #connectionOf(sessionKey: string): Connection | undefined {
    return this.#link.lines.sessions.lines().find(({ key }) => key.slice(key.indexOf('\n') + 1) === sessionKey)?.connection
  }

  #isOurs(item: Callable, kind: Kind): item is Item {
    return item.source === this.#link.alias && (kind !== 'tool' || item instanceof UpstreamTool)
  }

  #isForAll(kind: Kind, item: Item): boolean {
    const items: readonly Item[] = this.#link.lists[kind].items
    const names = this.#forAll.get(items) ?? new Set(items.map(remoteNameOf))
    this.#forAll.set(items, names)
    return names.has(remoteNameOf(item))
  }
}

/** By the name that is never another's, whatever the upstream's own tools are called. */
const shownAs = <Some extends Item>(item: Some): Item => (item instanceof UpstreamTool ? item.prefixed() : item)

/** What the server calls it. */
const remoteNameOf = (item: Item): string => (item instanceof UpstreamTool ? item.remoteName : item.localName)
