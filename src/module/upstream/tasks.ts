import { randomUUID } from 'node:crypto'
import type { PermitKey } from '../../contract/caller.ts'
import type { Client, RelayedResult } from '../../contract/visit.ts'
import type { Call } from './call.ts'
import { Errands } from './errands.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import { withTaskIds } from './task-id.ts'
import { wishesTask } from './wished-task.ts'

/** Work that a server goes on with after it has answered the call; its id at the server is known to nobody outside. */
export interface Task {
  /** What clients call it. */
  readonly id: string
  readonly remoteId: string
  readonly link: Link
  /** The line that the server knows it on; empty for the base connection. */
  readonly lineKey: string
  readonly callerId: string
  readonly sessionKey: string
  readonly client: Client | undefined
  /** The right to the tool that began it. */
  readonly permit: PermitKey | undefined
  /** When it is forgotten, ms since the epoch. */
  readonly expiresAt: number
  /** As its server told of it last, with the id that clients know. */
  latest: Params
  /** Questions of it that passed the door, by their keys. */
  readonly passed: Map<string, Params>
}

/** What a server may keep a task for, where it says nothing, and longer than that is kept of none. */
const TTL_MS = { default: 86_400_000, longest: 7 * 86_400_000 }
/** Results are asked for a while after a server has said that they are gone. */
const GRACE_MS = 60_000
/** Of what its server says of one, in characters of JSON; beyond it, only what every task has is kept. */
const MAX_FACTS_CHARS = 16_384
/** Of one caller; the oldest is forgotten first. */
const MAX_PER_CALLER = 1_000

const ENDED: readonly unknown[] = ['completed', 'failed', 'cancelled']

/** Whether a server is done with a task, as it told of it last. */
export const hasEnded = (told: Params): boolean => ENDED.includes(told['status'])

/** All tasks of all upstreams, by ids that cannot be guessed, each known to its caller alone. */
export class Tasks {
  readonly nowMs: () => number
  /** Those that are the gateway's own. */
  readonly errands: Errands
  readonly #byId = new Map<string, Task>()
  readonly #byRemote = new Map<string, Task>()

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
    this.errands = new Errands(nowMs)
  }

  get size(): number {
    return this.#byId.size
  }

  find(id: string): Task | undefined {
    const task = this.#byId.get(id)
    if (task === undefined || task.expiresAt > this.nowMs()) return task
    this.#forget(task)
    return undefined
  }

  /** The tasks of one client session, the oldest first. */
  ofSession(callerId: string, sessionKey: string): readonly Task[] {
    this.#sweep()
    return [...this.#byId.values()].filter((task) => task.callerId === callerId && task.sessionKey === sessionKey)
  }

  /** The server's ids of what one upstream still works on. */
  underWay(link: Link): readonly string[] {
    return [...this.#byId.values()].flatMap((task) => (task.link === link && !hasEnded(task.latest) ? task.remoteId : []))
  }

  /** A result with the ids that its client knows; one that begins a task is kept. */
  result(link: Link, call: Call, result: RelayedResult): RelayedResult {
    const begun = begunBy(call, result)
    if (begun !== undefined) this.#add(link, call, begun)
    return this.#byId.size === 0 ? result : this.shown(link, call.lineKey, result)
  }

  /** Anything that a server says on one of its lines, with the ids that clients know. */
  shown<Message extends Params>(link: Link, lineKey: string, message: Message): Message {
    if (this.#byId.size === 0) return message
    const shown = withTaskIds(message, (id) => this.#byRemote.get(remoteKey(link, lineKey, id))?.id ?? id)
    const task = typeof shown['taskId'] === 'string' ? this.#byId.get(shown['taskId']) : undefined
    if (task !== undefined && shown['status'] !== undefined) task.latest = factsOf(shown)
    return shown
  }

  /** Who began the task that a message with clients' ids is about. */
  clientOf(message: Params): Client | undefined {
    return this.#byId.get(String(message['taskId']))?.client
  }

  #add(link: Link, { visit, lineKey }: Call, begun: Params): void {
    const now = this.nowMs()
    const ttl = begun['ttl'] ?? begun['ttlMs']
    const ttlMs = typeof ttl === 'number' && ttl >= 0 ? Math.min(ttl, TTL_MS.longest) : TTL_MS.default
    const id = randomUUID()
    const task: Task = {
      id,
      remoteId: String(begun['taskId']),
      link,
      lineKey,
      callerId: visit.caller.id,
      sessionKey: visit.sessionKey,
      client: visit.client,
      permit: visit.tool.permit,
      expiresAt: now + ttlMs + GRACE_MS,
      latest: factsOf({ ...begun, taskId: id }),
      passed: new Map(),
    }
    this.#makeRoom(task.callerId)
    this.#byId.set(id, task)
    this.#byRemote.set(remoteKey(link, lineKey, task.remoteId), task)
  }

  #makeRoom(callerId: string): void {
    this.#sweep()
    const own = [...this.#byId.values()].filter((task) => task.callerId === callerId)
    if (own.length >= MAX_PER_CALLER) this.#forget(own[0]!)
  }

  #sweep(): void {
    const now = this.nowMs()
    for (const task of this.#byId.values()) if (task.expiresAt <= now) this.#forget(task)
  }

  #forget(task: Task): void {
    this.#byId.delete(task.id)
    this.#byRemote.delete(remoteKey(task.link, task.lineKey, task.remoteId))
  }
}

const remoteKey = ({ alias }: Link, lineKey: string, id: string): string => `${alias}\n${lineKey}\n${id}`

/** What a list says of a task: neither what it answered nor what it asks, which may be large and is fetched from its server. */
function factsOf({
  result: _result,
  error: _error,
  inputRequests: _inputRequests,
  requestState: _state,
  ...facts
}: Params): Params {
  if (JSON.stringify(facts).length <= MAX_FACTS_CHARS) return facts
  const { taskId, status, createdAt, lastUpdatedAt, ttl, pollInterval } = facts
  return { taskId, status, createdAt, lastUpdatedAt, ttl, pollInterval }
}

/** The task that a result begins: where the client wished for one (2025-11-25), or where the server chose to (2026-07-28). */
function begunBy({ visit, question }: Call, result: RelayedResult): Params | undefined {
  if (question.method !== 'tools/call') return undefined
  const { task, taskId, resultType } = result as Params
  if (resultType === 'task' && typeof taskId === 'string') return result
  return wishesTask(visit) && typeof (task as Params | undefined)?.['taskId'] === 'string' ? (task as Params) : undefined
}
