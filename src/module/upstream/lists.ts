import type { House } from '../../contract/house.ts'
import type { ListedKind } from '../../contract/tool.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import type { Listing, ListOptions } from '../../mcp/client/list-all.ts'
import { connectFaultText } from './fault-of.ts'
import { KeptList } from './kept-list.ts'
import type { Link } from './link.ts'
import type { Offer } from './offer.ts'
import { LISTED, offersOf } from './offers-of.ts'
import type { Tail } from './tail.ts'
import { type UpstreamTool, upstreamTools } from './upstream-tools.ts'

type Kind = 'tool' | ListedKind

interface ListsParts {
  /** The connection that is asked; `undefined` while there is none. */
  readonly base: () => Connection | undefined
  readonly tail: Tail
  readonly background: House['background']
  /** Something of it is another than before. */
  readonly onChange: () => void
}

/** All lists that were read at the same time; one that could not be read is absent. */
export type Readings = Readonly<Partial<Record<Kind, Listing>>>

/** Servers announce changes in bursts. */
const DEBOUNCE_MS = 100
/** Taking a list may keep the gateway busy for at most this part of the time, however often it changes. */
const PAUSE_FACTOR = 20
/** Nobody waits longer for what a server lists besides its tools. */
const EXTRAS_TIMEOUT_MS = 10_000

const KINDS: readonly Kind[] = ['tool', 'prompt', 'resource', 'template']
const LISTED_KINDS: readonly ListedKind[] = ['prompt', 'resource', 'template']

/** Which lists a notification speaks of. */
export const CHANGES: Readonly<Record<string, readonly Kind[]>> = {
  'notifications/tools/list_changed': ['tool'],
  'notifications/prompts/list_changed': ['prompt'],
  'notifications/resources/list_changed': ['resource', 'template'],
}

/** What one upstream lists: tools, prompts, resources and templates. */
export class Lists {
  readonly tool: KeptList<UpstreamTool>
  readonly prompt: KeptList<Offer>
  readonly resource: KeptList<Offer>
  readonly template: KeptList<Offer>
  readonly #link: Link
  readonly #parts: ListsParts
  readonly #changed = new Set<Kind>()
  #timer: NodeJS.Timeout | undefined
  #pauseUntil = 0

  constructor(link: Link, parts: ListsParts) {
    this.#link = link
    this.#parts = parts
    const listed = (kind: ListedKind): KeptList<Offer> =>
      new KeptList({ ...LISTED[kind], make: (listing) => offersOf(link, kind, listing) })
    this.tool = new KeptList({ method: 'tools/list', field: 'tools', make: (listing) => upstreamTools(link, listing) })
    this.prompt = listed('prompt')
    this.resource = listed('resource')
    this.template = listed('template')
  }

  /**
   * Ask for everything. A server must list its tools; what else it fails to list stays as we knew it.
   *
   * @throws RpcError, ClientError
   */
  async read(connection: Connection, options: ListOptions): Promise<Readings> {
    const [tool, ...others] = await Promise.all([
      this.tool.read(connection, options),
      ...LISTED_KINDS.map((kind) => this.#readOffers(kind, connection, options)),
    ])
    const readings: Partial<Record<Kind, Listing>> = { tool }
    for (const [index, kind] of LISTED_KINDS.entries()) if (others[index] !== undefined) readings[kind] = others[index]
    return readings
  }

  /** Ask for the tools, as a sign of life, and for what the server does not announce the changes of. @throws RpcError, ClientError */
  async check(connection: Connection, timeoutMs: number): Promise<void> {
    const readings: Partial<Record<Kind, Listing>> = { tool: await this.tool.read(connection, { timeoutMs }) }
    const isHeard = connection.era === 'session' || this.#link.subscriptions.isListening
    for (const kind of LISTED_KINDS) {
      const capability = capabilityOf(connection, kind)
      if (capability === undefined || (isHeard && capability['listChanged'] === true)) continue
      const listing = await this.#readOffers(kind, connection, { timeoutMs })
      if (listing !== undefined) readings[kind] = listing
    }
    this.take(readings)
  }

  /** Take over what was read; nothing happens where it is what we know. */
  take(readings: Readings): void {
    const before = performance.now()
    const changed = KINDS.filter((kind) => readings[kind] !== undefined && this[kind].take(readings[kind]))
    const after = performance.now()
    this.#pauseUntil = after + (after - before) * PAUSE_FACTOR
    for (const kind of changed)
      for (const { tool, reason } of this[kind].leftOut) this.#parts.tail.add('gateway', `left out ${kind} ${tool}: ${reason}`)
    if (changed.length > 0) this.#parts.onChange()
  }

  /** There is nothing any more. */
  clear(): void {
    clearTimeout(this.#timer)
    const changed = KINDS.filter((kind) => this[kind].clear())
    if (changed.length > 0) this.#parts.onChange()
  }

  /** The server said something; where it was that a list is another one now, that is read again. */
  heard(method: string): void {
    const kinds = CHANGES[method]
    if (kinds !== undefined) this.#readAgain(kinds)
  }

  /** Something may have changed while nobody listened. */
  heardAll(): void {
    this.#readAgain(KINDS)
  }

  #readAgain(kinds: readonly Kind[]): void {
    for (const kind of kinds) this.#changed.add(kind)
    clearTimeout(this.#timer)
    const waitMs = Math.max(DEBOUNCE_MS, this.#pauseUntil - performance.now())
    this.#timer = setTimeout(() => this.#parts.background('upstream.relist_failed', this.#listAgain()), waitMs)
    this.#timer.unref()
  }

  async #listAgain(): Promise<void> {
    const connection = this.#parts.base()
    if (connection === undefined) return
    const kinds = [...this.#changed]
    this.#changed.clear()
    const timeoutMs = this.#link.definition.idleTimeoutMs
    const listings = await Promise.all(
      kinds.map((kind) =>
        kind === 'tool' ? this.#readOrTell(kind, connection, { timeoutMs }) : this.#readOffers(kind, connection, { timeoutMs }),
      ),
    )
    if (this.#parts.base() !== connection) return
    const readings: Partial<Record<Kind, Listing>> = {}
    for (const [index, kind] of kinds.entries()) if (listings[index] !== undefined) readings[kind] = listings[index]
    this.take(readings)
  }

  async #readOffers(kind: ListedKind, connection: Connection, options: ListOptions): Promise<Listing | undefined> {
    if (capabilityOf(connection, kind) === undefined) return { entries: [], cutShort: undefined }
    return this.#readOrTell(kind, connection, { ...options, timeoutMs: Math.min(options.timeoutMs, EXTRAS_TIMEOUT_MS) })
  }

  async #readOrTell(kind: Kind, connection: Connection, options: ListOptions): Promise<Listing | undefined> {
    try {
      return await this[kind].read(connection, options)
    } catch (thrown) {
      // The next check finds out what is wrong with the server itself.
      this.#parts.tail.add('gateway', `its list of ${kind}s could not be read: ${connectFaultText(thrown)}`)
      return undefined
    }
  }
}

function capabilityOf({ server }: Connection, kind: ListedKind): Readonly<Record<string, unknown>> | undefined {
  const capability = server.capabilities[kind === 'prompt' ? 'prompts' : 'resources']
  return typeof capability === 'object' && capability !== null ? (capability as Readonly<Record<string, unknown>>) : undefined
}
