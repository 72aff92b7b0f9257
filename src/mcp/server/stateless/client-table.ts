import { hash } from 'node:crypto'
import type { Caller } from '../../../contract/caller.ts'
import { FAULTS } from '../../../contract/fault.ts'
import { RPC } from '../../rpc.ts'
import type { McpLimits } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import type { Envelope } from './envelope.ts'
import { newClient, type StatelessClient } from './stateless-client.ts'

type Bounds = Pick<McpLimits, 'sessionIdleMs' | 'maxSessions' | 'maxSessionsPerCaller'>

/** Length of what a client may say of itself in every request. */
const MAX_DECLARED = 16_384

/** Clients of the stateless era: one for each caller, set of capabilities and introduction. They are bounded as sessions are. */
export class ClientTable {
  readonly #bounds: Bounds
  /** Least recently used first. */
  readonly #perCaller = new Map<string, Map<string, StatelessClient>>()
  readonly #onForget: (client: StatelessClient) => void
  #size = 0
  /** The client that was used last; it need not be moved to the end again. */
  #latest: StatelessClient | undefined

  /** @param onForget told of each client that is kept no longer */
  constructor(bounds: Bounds, onForget: (client: StatelessClient) => void) {
    this.#bounds = bounds
    this.#onForget = onForget
  }

  get size(): number {
    return this.#size
  }

  /** The client that a request comes from. @throws Refusal 400 for one that says too much of itself, 429 and 503 when there is no room */
  of(caller: Caller, { capabilities, info }: Envelope, nowMs: number): StatelessClient {
    const declared = JSON.stringify([capabilities, info])
    const own = this.#perCaller.get(caller.id)
    const known = own?.get(declared)
    if (!own || !known) return this.#add(caller.id, declared, { capabilities, info }, nowMs)
    if (known !== this.#latest) {
      own.delete(declared)
      own.set(declared, known)
      this.#latest = known
    }
    known.lastSeenAt = nowMs
    return known
  }

  /** Forget clients that nobody used for too long. */
  forgetIdle(nowMs: number): void {
    const before = nowMs - this.#bounds.sessionIdleMs
    for (const own of this.#perCaller.values())
      for (const [declared, client] of own)
        if (client.uses === 0 && client.lastSeenAt < before) this.#forget(own, declared, client)
  }

  #add(callerId: string, declared: string, said: Pick<Envelope, 'capabilities' | 'info'>, nowMs: number): StatelessClient {
    if (declared.length > MAX_DECLARED)
      throw new Refusal(400, RPC.invalidParams, `Capabilities and introduction are longer than ${MAX_DECLARED} characters.`)
    const own = this.#perCaller.get(callerId) ?? new Map<string, StatelessClient>()
    this.#makeRoom(own)
    const sessionKey = `${callerId}\nstateless-${hash('sha256', declared, 'base64url')}`
    const client = newClient({ callerId, sessionKey, ...said, nowMs })
    own.set(declared, client)
    this.#latest = client
    this.#perCaller.set(callerId, own)
    this.#size += 1
    return client
  }

  /** One that is not in use gives way, the caller's own longest unused first. */
  #makeRoom(own: Map<string, StatelessClient>): void {
    const { maxSessions, maxSessionsPerCaller } = this.#bounds
    const callersFull = own.size >= maxSessionsPerCaller
    if (!callersFull && this.#size < maxSessions) return
    const unused = [...own].find(([, { uses }]) => uses === 0)
    if (unused) this.#forget(own, ...unused)
    else if (callersFull)
      throw new Refusal(
        429,
        FAULTS.rate_limited.rpc,
        `You are ${own.size} clients at once, which is the limit. Wait until one has ended.`,
      )
    else throw new Refusal(503, FAULTS.busy.rpc, `All ${maxSessions} places for clients are taken. Try again in a minute.`)
  }

  #forget(own: Map<string, StatelessClient>, declared: string, client: StatelessClient): void {
    own.delete(declared)
    if (own.size === 0) this.#perCaller.delete(client.callerId)
    this.#size -= 1
    this.#onForget(client)
  }
}
