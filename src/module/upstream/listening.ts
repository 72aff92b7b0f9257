import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Connection, Subscription, SubscriptionFilter } from '../../mcp/client/connection.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'

interface ListeningParts {
  readonly base: () => Connection | undefined
  readonly background: House['background']
  readonly hear: (method: string, params: unknown) => void
  /** The resources that somebody watches. */
  readonly uris: () => readonly string[]
  /** The tasks that it works on. */
  readonly taskIds: () => readonly string[]
  /** It is heard, and was not before: something may have been missed. */
  readonly onOpen: () => void
}

/** The first and the longest wait before a stream that broke is opened again. */
const WAIT_MS = { first: 1_000, longest: 60_000 }

/**
 * The one stream on which a server of the stateless era tells what has changed (`subscriptions/listen`): its lists, and all resources that
 * anybody watches. What is wanted changes by opening another one before the old one is closed.
 */
export class Listening {
  readonly #parts: ListeningParts
  #current: { readonly connection: Connection; readonly filter: string; readonly subscription: Subscription } | undefined
  #changes: Promise<void> = Promise.resolve()
  #retry: NodeJS.Timeout | undefined
  #failures = 0

  constructor(parts: ListeningParts) {
    this.#parts = parts
  }

  get isOpen(): boolean {
    return this.#current !== undefined
  }

  /** Begin to hear over a new connection; tried again later where it fails. */
  async open(): Promise<void> {
    const connection = this.#parts.base()
    if (connection !== undefined) await this.#reopen(connection)
  }

  /** Hear of one more resource. @throws Fault where the server will not tell, and RpcError, ClientError */
  async include(uri: string): Promise<void> {
    await this.refresh()
    if (this.#current?.subscription.honoured.resourceSubscriptions?.includes(uri)) return
    // Whoever wanted it has taken that back meanwhile, so that the server was not asked.
    if (!this.#parts.uris().includes(uri)) return
    throw new Fault('upstream', 'The server does not tell when this resource changes.')
  }

  /** Hear what is wanted now; nothing happens where that is heard already. @throws RpcError, ClientError */
  refresh(): Promise<void> {
    const next = this.#changes.then(() => this.#refresh())
    this.#changes = next.catch(() => {})
    return next
  }

  stop(): void {
    clearTimeout(this.#retry)
    this.#current?.subscription.close()
    this.#current = undefined
  }

  async #refresh(): Promise<void> {
    const connection = this.#parts.base()
    if (connection === undefined || connection.era !== 'stateless') return
    const filter = filterFor(connection, this.#parts.uris(), this.#parts.taskIds())
    const before = this.#current
    if (before?.connection === connection && before.filter === JSON.stringify(filter)) return
    const subscription = isEmpty(filter) ? undefined : await connection.subscribe(filter, this.#parts.hear)
    this.#current = subscription && { connection, filter: JSON.stringify(filter), subscription }
    before?.subscription.close()
    if (subscription !== undefined) this.#parts.background('upstream.listening_broke', this.#watch(connection, subscription))
  }

  /** A stream that ends by itself is opened again, as long as there is the same connection. */
  async #watch(connection: Connection, subscription: Subscription): Promise<void> {
    const openedAt = performance.now()
    await subscription.ended
    if (this.#current?.subscription !== subscription) return
    this.#current = undefined
    if (performance.now() - openedAt > WAIT_MS.longest) this.#failures = 0
    this.#again(connection)
  }

  #again(connection: Connection): void {
    const waitMs = Math.min(WAIT_MS.first * 2 ** this.#failures, WAIT_MS.longest)
    this.#failures += 1
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#parts.background('upstream.listening_broke', this.#reopen(connection)), waitMs)
    this.#retry.unref()
  }

  async #reopen(connection: Connection): Promise<void> {
    if (this.#parts.base() !== connection || !connection.open) return
    try {
      await this.refresh()
      // What changed between the last look and now was told to nobody.
      this.#parts.onOpen()
    } catch (thrown) {
      // One that knows no such method tells of nothing, and is asked for its lists at each check.
      if (!(thrown instanceof RpcError && thrown.code === RPC.methodNotFound)) this.#again(connection)
    }
  }
}

function filterFor(
  { server }: Connection,
  resourceSubscriptions: readonly string[],
  taskIds: readonly string[],
): SubscriptionFilter {
  const tells = (name: string): boolean => {
    const capability = server.capabilities[name]
    return typeof capability === 'object' && capability !== null && 'listChanged' in capability && capability.listChanged === true
  }
  return {
    ...(tells('tools') && { toolsListChanged: true }),
    ...(tells('prompts') && { promptsListChanged: true }),
    ...(tells('resources') && { resourcesListChanged: true }),
    ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
    ...(taskIds.length > 0 && { taskIds }),
  }
}

const isEmpty = (filter: SubscriptionFilter): boolean => Object.keys(filter).length === 0
