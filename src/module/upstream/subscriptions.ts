import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Client, Visit } from '../../contract/visit.ts'
import { Roster } from '../../core/churn/roster.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import type { Connection } from '../../mcp/client/connection.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import { Listening } from './listening.ts'
import type { Params, Question } from './question.ts'
import { relay } from './relay.ts'

interface SubscriptionsParts {
  readonly base: () => Connection | undefined
  readonly background: House['background']
}

/** One resource that is watched over one line. */
interface Watch {
  readonly key: string
  readonly uri: string
  /** Who hears of it, and to which client session each belongs. */
  readonly clients: Map<Client, string>
  /** Settles when the server has said whether it will tell. */
  begun: Promise<unknown>
  /** The server has said that it will. */
  isBegun: boolean
}

/** Per line; a client that watches more than this watches everything. */
const MAX_WATCHES = 1_000

/** Who wants to hear of which resource of one upstream: each is watched once per line, however many clients listen. */
export class Subscriptions {
  readonly #link: Link
  readonly #watches = new Map<string, Watch>()
  readonly #listening: Listening

  constructor(link: Link, { base, background }: SubscriptionsParts) {
    this.#link = link
    const hear = (method: string, params: unknown): void =>
      link.hearing.outsideCalls({ key: '', calls: new Roster(), owner: undefined }, method, params)
    this.#listening = new Listening({
      base,
      background,
      hear,
      uris: () => this.uris(''),
      taskIds: () => link.tasks.underWay(link),
      onOpen: () => link.lists.heardAll(),
    })
  }

  /** What is watched over one line. */
  uris(key: string): readonly string[] {
    return [...this.#watches.values()].filter((watch) => watch.key === key).map(({ uri }) => uri)
  }

  /** A stream of the stateless era is open. */
  get isListening(): boolean {
    return this.#listening.isOpen
  }

  get size(): number {
    return this.#watches.size
  }

  /** @throws Fault `invalid` where there is no stream to hear it on, `busy`, and what the server answers */
  async begin(visit: Visit, uri: string): Promise<void> {
    const { client, sessionKey } = visit
    if (client?.standing === undefined)
      throw new Fault('invalid', 'Only a client with a stream of its own can subscribe to a resource.')
    const key = this.#link.lines.keyOf(visit)
    const watch = this.#watches.get(idOf(key, uri)) ?? this.#add(visit, key, uri)
    watch.clients.set(client, sessionKey)
    try {
      await watch.begun
      watch.isBegun = true
    } catch (thrown) {
      // It may have been taken back and asked for anew meanwhile.
      if (this.#watches.get(idOf(key, uri)) === watch) this.#watches.delete(idOf(key, uri))
      throw thrown
    }
  }

  /** A client that does not watch it hears that nothing is wrong. @throws Fault as the server answers */
  async end(visit: Visit, uri: string): Promise<void> {
    const { client } = visit
    const watch = client && [...this.#watches.values()].find((each) => each.uri === uri && each.clients.has(client))
    if (watch === undefined) return
    watch.clients.delete(client!)
    if (watch.clients.size > 0) return
    this.#watches.delete(idOf(watch.key, uri))
    // Without a connection there is nothing to take back, and none is opened for it.
    if (this.#link.era === undefined) return
    if (this.#link.isStateless) await this.#listening.refresh()
    else await relay(this.#link, question('resources/unsubscribe', watch, this.#link), visit)
  }

  /** A client session is over. Its line is closed with it; what is watched over a shared one may be watched no longer. */
  async forget(sessionKey: string): Promise<void> {
    for (const watch of [...this.#watches.values()]) {
      for (const [client, owner] of watch.clients) if (owner === sessionKey) watch.clients.delete(client)
      if (watch.clients.size > 0) continue
      this.#watches.delete(idOf(watch.key, watch.uri))
      if (watch.key === '') await this.#link.lines.tellBase('resources/unsubscribe', { uri: watch.uri })
    }
    // What is heard too much is told to nobody.
    await this.#listening.refresh().catch(() => undefined)
  }

  /** A task has begun, of whose progress a server of the stateless era tells only who asks for it. */
  async followTasks(): Promise<void> {
    // One that cannot tell is asked.
    if (this.#link.isStateless) await this.#listening.refresh().catch(() => undefined)
  }

  /** A connection is new: watch over it what was watched over the one before. */
  async renew({ key, connection }: Line): Promise<void> {
    if (connection.era === 'stateless') return this.#listening.open()
    const timeoutMs = this.#link.definition.idleTimeoutMs
    // One that is gone by now is not watched; its clients find out when they read it.
    const ask = (uri: string): Promise<unknown> =>
      connection.request('resources/subscribe', { uri }, { idleTimeoutMs: timeoutMs }).catch(() => undefined)
    // What was never watched yet is asked for by whoever waits for it, perhaps for this very connection.
    const before = [...this.#watches.values()].filter((watch) => watch.key === key && watch.isBegun)
    await Promise.all(before.map(({ uri }) => ask(uri)))
  }

  /** A resource has changed, says the server on one of its lines; it may speak of a part of what is watched. */
  heard(key: string, params: Params | undefined): void {
    const uri = params?.['uri']
    if (typeof uri !== 'string') return
    const exact = this.#watches.get(idOf(key, uri))
    const heard = exact ? [exact] : [...this.#watches.values()].filter((each) => each.key === key && uri.startsWith(each.uri))
    for (const { clients } of heard)
      for (const client of clients.keys())
        client.standing?.notify('notifications/resources/updated', scrubValue(this.#link.uris.shownIn(client, params!)))
  }

  /** Hear nothing more; what is watched is watched again once there is a connection. */
  stop(): void {
    this.#listening.stop()
  }

  #add(visit: Visit, key: string, uri: string): Watch {
    if (this.uris(key).length >= MAX_WATCHES)
      throw new Fault('busy', `Not more than ${MAX_WATCHES} resources of upstream ${this.#link.alias} can be watched at a time.`)
    const watch: Watch = { key, uri, clients: new Map(), begun: Promise.resolve(), isBegun: false }
    this.#watches.set(idOf(key, uri), watch)
    watch.begun = this.#link.isStateless
      ? this.#listening.include(uri)
      : relay(this.#link, question('resources/subscribe', watch, this.#link), visit)
    return watch
  }
}

const idOf = (key: string, uri: string): string => `${key}\n${uri}`

/** Over the line that it is heard on, also where calls of its client have lines of their own. */
const question = (method: string, { key, uri }: Watch, { definition }: Link): Question => ({
  method,
  lineKey: key,
  effect: 'read',
  idempotent: true,
  idleTimeoutMs: definition.idleTimeoutMs,
  maxTimeoutMs: Math.max(definition.maxTimeoutMs, definition.idleTimeoutMs),
  params: () => ({ uri }),
})
