import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Listed, ListedKind, Source } from '../../contract/tool.ts'
import { ALIAS, ALIAS_RULE, toAlias } from './alias.ts'
import type { CallMetrics } from './call.metrics.ts'
import { type ClientGround, createConnector } from './connector.ts'
import type { Definition } from './definition.ts'
import { introductionOf } from './introduction-of.ts'
import { judgeServer } from './judge-server.ts'
import { Link } from './link.ts'
import { listedOf } from './listed-of.ts'
import type { OwnLists } from './own-lists.ts'
import { resourceNames } from './resource-names.ts'
import { userOf, writtenTexts } from './secret-reference.ts'
import { shownTools } from './shown-tools.ts'
import { createTail, type Tail } from './tail.ts'
import { Tasks } from './tasks.ts'
import { findUnlisted } from './unlisted.ts'
import type { OverrideRow, UpstreamRow } from './upstream.schema.ts'
import type { UpstreamSettings } from './upstream.settings.ts'
import type { UpstreamRows } from './upstream-rows.ts'
import { UpstreamTool } from './upstream-tools.ts'

/** Who decided whether an upstream is connected. */
export interface Desired {
  readonly enabled: boolean
  readonly by: 'definition' | 'override' | 'pinned'
}

/** One upstream as the gateway knows it, also where nothing can be done with it. */
export interface Upstream {
  readonly alias: string
  /** `config`: gatehouse.toml or the servers file; `stored`: added at run time. */
  readonly origin: 'config' | 'stored'
  readonly since: number
  readonly row: UpstreamRow | undefined
  readonly override: OverrideRow | undefined
  readonly tail: Tail
  /** Absent where the definition is broken; then `fault` says why. */
  readonly link: Link | undefined
  readonly fault: string | undefined
}

type Changes = Partial<Pick<Upstream, 'row' | 'override' | 'link' | 'fault'>>

interface RegistryParts {
  readonly house: House<UpstreamSettings>
  readonly rows: UpstreamRows
  readonly ground: ClientGround
  readonly metrics: CallMetrics
}

/** How long the first attempt to connect an upstream is waited for by those who would miss it. In ms. */
const FIRST_TRY_MS = 10_000

/** All upstreams, by alias, and their tools. */
export class Registry {
  readonly #tried = Promise.withResolvers<void>()
  readonly #parts: RegistryParts
  readonly #upstreams = new Map<string, Upstream>()
  readonly #listeners = new Set<() => void>()
  #tools: readonly UpstreamTool[] | undefined
  #listed: Readonly<Record<ListedKind, readonly Listed[]>> | undefined
  readonly #tasks: Tasks
  #started = false

  constructor(parts: RegistryParts) {
    this.#parts = parts
    this.#tasks = new Tasks(parts.house.nowMs)
  }

  readonly source: Source = {
    list: () => {
      this.#tools ??= this.#toolsNow()
      return this.#tools
    },
    listed: (kind) => {
      this.#listed ??= listedOf(this.#links())
      return this.#listed[kind]
    },
    find: (name) =>
      (name.includes(':') ? undefined : this.#findOwn((tool) => tool.prefixedName === name)) ??
      findUnlisted(name, { linkOf: (alias) => this.#upstreams.get(alias)?.link, tasks: this.#tasks }),
    findLocal: (source, localName) => this.#findOwn((tool) => tool.source === source && tool.localName === localName),
    shownTo: (sessionKey, caller, kind, visible) => {
      const lists = this.#ownLists()
      if (lists.length === 0) return visible
      // What a name leads to elsewhere must not be shown as if it were here.
      const leadsTo = (name: string, alias: string): boolean => this.#parts.house.find(name)?.source === alias
      return lists.reduce((items, own) => own.shown({ sessionKey, caller, kind, leadsTo }, items), visible)
    },
    resourceNames: (uri, source) =>
      resourceNames(
        this.#links().filter(({ alias }) => source === undefined || alias === source),
        uri,
      ),
    instructions: () => this.#links().flatMap((link) => introductionOf(link)),
    settled: () => this.#tried.promise,
    onChange: (listener) => {
      this.#listeners.add(listener)
      return () => this.#listeners.delete(listener)
    },
  }

  /** In the order of their aliases. */
  all(): readonly Upstream[] {
    return [...this.#upstreams.values()].sort((a, b) => (a.alias < b.alias ? -1 : 1))
  }

  /** @throws Fault `not_found` */
  get(alias: string): Upstream {
    const upstream = this.#upstreams.get(alias)
    if (upstream === undefined)
      throw new Fault('not_found', `There is no upstream ${alias.slice(0, 80)}. The operation upstream_list names them.`)
    return upstream
  }

  /** What the configuration says; a later one by the same alias is ignored. */
  addConfigured(alias: string, raw: unknown, overrides: ReadonlyMap<string, OverrideRow>): void {
    if (!this.#upstreams.has(alias)) this.#put(alias, 'config', raw, undefined, overrides.get(alias))
  }

  addStored(row: UpstreamRow, overrides: ReadonlyMap<string, OverrideRow>): void {
    if (!this.#upstreams.has(row.alias)) this.#put(row.alias, 'stored', JSON.parse(row.definition), row, overrides.get(row.alias))
  }

  /** Begin to connect all that shall be; waits for none. */
  async start(): Promise<void> {
    this.#started = true
    for (const { alias, link } of this.all()) if (link !== undefined && this.#isReserved(alias)) this.#reject(alias)
    await Promise.all(this.all().map((upstream) => this.#apply(upstream)))
    this.#parts.house.background(
      'upstream.first_tries_broke',
      Promise.all(this.#links().map((link) => link.settled(FIRST_TRY_MS))).then(() => this.#tried.resolve()),
    )
  }

  /** End all connections and processes. */
  async stop(): Promise<void> {
    this.#started = false
    await Promise.all(this.all().map(({ link }) => link?.stop()))
  }

  desired({ origin, alias, override, link }: Upstream): Desired {
    const definition = link?.definition
    if (definition?.pinned) return { enabled: definition.enabled, by: 'pinned' }
    if (override !== undefined) return { enabled: override.enabled === 1, by: 'override' }
    const { autoEnable } = this.#parts.house.settings
    if (origin === 'config' && autoEnable !== undefined) {
      const isNamed = autoEnable.some((name) => name === '*' || name === alias || toAlias(name) === alias)
      return { enabled: isNamed, by: 'definition' }
    }
    return { enabled: definition?.enabled ?? false, by: 'definition' }
  }

  /** @throws Fault `invalid`, `conflict` */
  async add(alias: string, definition: Definition, by: string): Promise<Upstream> {
    this.#requireFree(alias)
    const row = await this.#parts.rows.add(alias, definition, by)
    const upstream = this.#put(alias, 'stored', definition, row, undefined)
    // Names that another one took until now may be its own.
    this.#offersChanged()
    await this.#apply(upstream)
    return upstream
  }

  /** @throws Fault `not_found`, `conflict` */
  async update(alias: string, definition: Definition, updatedAt: number, by: string): Promise<Upstream> {
    const before = this.#requireStored(alias)
    const row = await this.#parts.rows.update(before.row!, definition, updatedAt, by)
    await before.link?.dismiss()
    const upstream = this.#put(alias, 'stored', definition, row, this.get(alias).override)
    await this.#apply(upstream)
    return upstream
  }

  /** @throws Fault `not_found`, `conflict` for one that the configuration defines */
  async remove(alias: string, by: string): Promise<void> {
    const { row, override, link } = this.#requireStored(alias)
    await this.#parts.rows.remove(row!, by)
    if (override !== undefined) await this.#parts.rows.reset(override, by)
    await link?.dismiss()
    this.#upstreams.delete(alias)
    this.#parts.house.secrets.declare(userOf(alias), {})
    this.#offersChanged()
    this.#announce(alias)
  }

  /** @throws Fault `not_found`, `conflict` for a pinned one, `invalid` for one whose definition is broken */
  async setEnabled(alias: string, enabled: boolean, by: string): Promise<Upstream> {
    const before = this.get(alias)
    this.#requireFreeToSwitch(before)
    const override = await this.#parts.rows.override(before.override, alias, enabled, by)
    const upstream = this.#change(alias, { override })
    await this.#apply(upstream)
    return upstream
  }

  /** Go back to what the definition says. @throws Fault `not_found` */
  async reset(alias: string, by: string): Promise<Upstream> {
    const { override } = this.get(alias)
    if (override !== undefined) await this.#parts.rows.reset(override, by)
    const upstream = this.#change(alias, { override: undefined })
    await this.#apply(upstream)
    return upstream
  }

  /** @throws Fault `not_found`, `invalid`, `disabled` */
  async restart(alias: string): Promise<Upstream> {
    const upstream = this.get(alias)
    if (upstream.link === undefined) throw new Fault('invalid', `Upstream ${alias} cannot be started: ${upstream.fault}`)
    if (!this.desired(upstream).enabled) throw new Fault('disabled', `Upstream ${alias} is disabled. Enable it instead.`)
    await upstream.link.restart()
    return upstream
  }

  /** A client session has ended, and with it what servers kept for it. */
  async endSession(sessionKey: string): Promise<void> {
    await Promise.all(this.#links().map((link) => link.lines.endSession(sessionKey)))
  }

  /** The roots of a client are others now; its servers ask for them again. */
  rootsChanged(sessionKey: string): void {
    for (const { lines, definition } of this.#links())
      if (!definition.deny.includes('roots')) lines.tellSession(sessionKey, 'notifications/roots/list_changed')
  }

  #put(
    alias: string,
    origin: Upstream['origin'],
    raw: unknown,
    row: UpstreamRow | undefined,
    override: OverrideRow | undefined,
  ): Upstream {
    const { nowMs } = this.#parts.house
    const tail = this.#upstreams.get(alias)?.tail ?? createTail(nowMs)
    const judged = judgeServer(alias, raw)
    const link = typeof judged === 'string' ? undefined : this.#link(alias, judged, tail)
    const fault = typeof judged === 'string' ? judged : undefined
    const upstream: Upstream = { alias, origin, since: nowMs(), row, override, tail, link, fault }
    this.#upstreams.set(alias, upstream)
    this.#parts.house.secrets.declare(userOf(alias), link === undefined ? {} : writtenTexts(link.definition))
    if (fault !== undefined) this.#parts.house.log.warn({ alias, fault }, 'upstream.definition_refused')
    return upstream
  }

  #link(alias: string, definition: Definition, tail: Tail): Link {
    const { house, ground, metrics } = this.#parts
    return new Link({
      alias,
      definition,
      tail,
      connector: createConnector(alias, definition, ground, tail),
      healthIntervalMs: house.settings.healthIntervalSeconds * 1_000,
      healthTimeoutMs: house.settings.healthTimeoutMs,
      sessionIdleMs: house.settings.sessionIdleMs,
      nowMs: house.nowMs,
      log: house.log,
      metrics,
      background: house.background,
      onState: () => this.#announce(alias),
      tasks: this.#tasks,
      enter: house.enter,
      onOffers: () => this.#offersChanged(),
      onOwnLists: (sessionKey) => house.events.publish('session_lists', { sessionKey }),
    })
  }

  #change(alias: string, changes: Changes): Upstream {
    const changed = { ...this.get(alias), ...changes }
    this.#upstreams.set(alias, changed)
    this.#announce(alias)
    return changed
  }

  async #apply(upstream: Upstream): Promise<void> {
    if (!this.#started) return
    if (this.desired(upstream).enabled) await upstream.link?.start()
    else await upstream.link?.stop()
  }

  /** The tools of one upstream, as the catalog has them. */
  toolsOf(alias: string): readonly UpstreamTool[] {
    this.#tools ??= this.#toolsNow()
    return this.#tools.filter(({ source }) => source === alias)
  }

  #toolsNow(): readonly UpstreamTool[] {
    const links = this.#links()
    // Which URIs several upstreams have is known from there.
    this.#listed ??= listedOf(links)
    const others = (): ReadonlySet<string> =>
      new Set(this.#parts.house.tools().flatMap((tool) => (tool instanceof UpstreamTool ? [] : tool.name)))
    return this.#withoutForeign(shownTools(links, others))
  }

  #withoutForeign(tools: readonly UpstreamTool[]): readonly UpstreamTool[] {
    const foreign = tools.filter((tool) => this.#isForeign(tool))
    if (foreign.length === 0) return tools
    for (const [alias, left] of Map.groupBy(foreign, ({ source }) => source))
      this.#parts.house.log.warn({ alias, tools: left.map(({ name }) => name).slice(0, 20) }, 'upstream.foreign_names_left_out')
    return tools.filter((tool) => !this.#isForeign(tool))
  }

  /** Rights are given by name, so a server without a prefix, or with a foreign one, must not name a tool as if it were another's. */
  #isForeign({ name, prefixedName, source }: UpstreamTool): boolean {
    return [name, prefixedName].some((each) => {
      const [owner = ''] = each.split('__', 1)
      return owner !== source && each !== owner && this.#upstreams.has(owner)
    })
  }

  /** A tool that only the process of some session lists. */
  #findOwn(fits: (tool: UpstreamTool) => boolean): UpstreamTool | undefined {
    for (const own of this.#ownLists()) {
      const tool = own.findTool((one) => fits(one) && !this.#isForeign(one))
      if (tool !== undefined) return tool
    }
    return undefined
  }

  /** Where sessions have lists of their own: nearly always nowhere, and every list of every session asks. */
  #ownLists(): readonly OwnLists[] {
    const found: OwnLists[] = []
    for (const { link } of this.#upstreams.values()) if (link !== undefined && link.ownLists.size > 0) found.push(link.ownLists)
    return found
  }

  #links(): readonly Link[] {
    return this.all().flatMap(({ link }) => link ?? [])
  }

  #offersChanged(): void {
    this.#tools = undefined
    this.#listed = undefined
    for (const listener of this.#listeners) listener()
  }

  #announce(alias: string): void {
    this.#parts.house.events.publish('upstream', { alias })
  }

  /** Operations go by `<module>`, and APIs by aliases of their own: one name for both would make them reachable by each other's address and right. */
  #isReserved(alias: string): boolean {
    return this.#parts.house.tools().some((tool) => tool.source === alias && !(tool instanceof UpstreamTool))
  }

  #reject(alias: string): void {
    this.#change(alias, {
      link: undefined,
      fault: `The alias ${alias} is the name of a module or of an API of the gateway. Choose another one.`,
    })
  }

  #requireFree(alias: string): void {
    if (!ALIAS.test(alias)) throw new Fault('invalid', ALIAS_RULE, { details: [{ path: '/alias', message: ALIAS_RULE }] })
    if (this.#isReserved(alias))
      throw new Fault('conflict', `The alias ${alias} is the name of a module or of an API of the gateway. Choose another one.`)
    if (this.#upstreams.has(alias))
      throw new Fault('conflict', `There is an upstream ${alias} already. Choose another alias, or update that one.`)
  }

  #requireStored(alias: string): Upstream {
    const upstream = this.get(alias)
    if (upstream.origin === 'stored') return upstream
    throw new Fault(
      'conflict',
      `Upstream ${alias} is defined in the configuration of the gateway: change it there. Disabling works from here.`,
    )
  }

  #requireFreeToSwitch(upstream: Upstream): void {
    const { alias, link, fault } = upstream
    if (link === undefined) throw new Fault('invalid', `Upstream ${alias} cannot be used: ${fault}`)
    if (this.desired(upstream).by !== 'pinned') return
    throw new Fault('conflict', `Upstream ${alias} is pinned by the configuration of the gateway: it stays as it is there.`)
  }
}
