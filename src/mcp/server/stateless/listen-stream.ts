import type { ServerResponse } from 'node:http'
import type { Caller } from '../../../contract/caller.ts'
import { META } from '../../meta-key.ts'
import type { RpcId } from '../../rpc.ts'
import { type BaseHeaders, EventStream } from '../event-stream.ts'
import type { ListKind } from '../lists.ts'
import { isRecord } from '../message.ts'
import { notificationText, resultText } from '../response-text.ts'
import type { StatelessClient } from './stateless-client.ts'
import type { StatelessForm } from './stateless-form.ts'

type Params = Readonly<Record<string, unknown>>

/** Lists that are announced together, because clients know one notification for them. */
export const ANNOUNCED = {
  toolsListChanged: { method: 'notifications/tools/list_changed', kinds: ['tool'] },
  promptsListChanged: { method: 'notifications/prompts/list_changed', kinds: ['prompt'] },
  resourcesListChanged: { method: 'notifications/resources/list_changed', kinds: ['resource', 'template'] },
} as const satisfies Record<string, { readonly method: string; readonly kinds: readonly ListKind[] }>

export type Announced = keyof typeof ANNOUNCED

interface ListenStreamOptions {
  readonly id: RpcId
  readonly client: StatelessClient
  readonly caller: Caller
  readonly source: string | undefined
  /** Ask anew who holds the credentials that opened the stream. @throws Fault `unauthorized` once they are worth nothing */
  readonly refresh: () => Promise<Caller>
  readonly requestId: string
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  readonly bufferBytes: number
  readonly form: StatelessForm
  readonly nowMs: () => number
}

/** The answer to a `subscriptions/listen`: open until one side ends it, and carrying what the client asked for and nothing else. */
export class ListenStream {
  readonly id: RpcId
  readonly client: StatelessClient
  readonly source: string | undefined
  readonly refresh: () => Promise<Caller>
  readonly requestId: string
  caller: Caller
  /** Fingerprints of the lists that the client is told of, as it knows them. */
  readonly known = new Map<Announced, string>()
  /** The door's names of subscriptions, by the URIs that the client follows. */
  readonly resources = new Map<string, string>()
  readonly taskIds = new Set<string>()
  readonly #options: ListenStreamOptions
  readonly #events: EventStream
  /** What came before the acknowledgement, which has to be the first. */
  #held: string[] | undefined = []

  constructor(options: ListenStreamOptions) {
    this.#options = options
    this.id = options.id
    this.client = options.client
    this.source = options.source
    this.refresh = options.refresh
    this.requestId = options.requestId
    this.caller = options.caller
    this.#events = new EventStream(options.res, options.headers, options.nowMs())
  }

  get closed(): boolean {
    return this.#events.closed
  }

  /** Say what is followed from now on; the first that the client hears. */
  acknowledge(notifications: object): void {
    this.#send(this.#frame('notifications/subscriptions/acknowledged', { notifications }))
    const held = this.#held ?? []
    this.#held = undefined
    for (const json of held) this.#send(json)
  }

  /** @returns whether the reader is told; one that is too far behind loses the connection instead */
  tell(method: string, params: Params = {}): boolean {
    if (this.#events.closed) return false
    const json = this.#frame(method, params)
    if (this.#held) this.#held.push(json)
    else this.#send(json)
    return !this.#events.closed
  }

  /** What a server says outside any request. @returns whether this client wants to hear it */
  hear(method: string, params: unknown): boolean {
    if (!isRecord(params)) return false
    const { uri, taskId } = params
    if (method === 'notifications/resources/updated') return this.#follows(uri) && this.tell(method, params)
    if (method !== 'notifications/tasks') return false
    return typeof taskId === 'string' && this.taskIds.has(taskId) && this.tell(method, params)
  }

  keepAlive(nowMs: number, everyMs: number): void {
    this.#events.keepAlive(nowMs, everyMs)
  }

  /** End it with the result that a request deserves, so that the client knows that it may ask again. */
  end(): void {
    const { id, form, nowMs } = this.#options
    const result = form.dress({ _meta: { [META.subscriptionId]: id } }, 'subscriptions/listen')
    this.#events.send(resultText(id, JSON.stringify(result)), nowMs())
    this.#events.end()
  }

  /** Updates may be about parts of what is followed (MCP 2026-07-28, resources, subscriptions). */
  #follows(uri: unknown): boolean {
    if (typeof uri !== 'string') return false
    if (this.resources.has(uri)) return true
    return [...this.resources.keys()].some((followed) => uri.startsWith(followed.endsWith('/') ? followed : `${followed}/`))
  }

  #frame(method: string, params: Params): string {
    const meta = isRecord(params['_meta']) ? params['_meta'] : {}
    return notificationText(method, { ...params, _meta: { ...meta, [META.subscriptionId]: this.id } })
  }

  #send(json: string): void {
    const { bufferBytes, nowMs } = this.#options
    if (this.#events.waitingBytes > bufferBytes) this.#events.destroy()
    else this.#events.send(json, nowMs())
  }
}
