import { randomBytes } from 'node:crypto'
import { FAULTS } from '../../contract/fault.ts'
import type { McpLimits } from './limits.ts'
import { newSession, type Opening } from './new-session.ts'
import { Refusal } from './refusal.ts'
import type { Session } from './session.ts'

type Bounds = Pick<McpLimits, 'sessionIdleMs' | 'maxSessions' | 'maxSessionsPerCaller'>

/** All sessions, and how many each caller has. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>()
  readonly #perCaller = new Map<string, number>()
  readonly #bounds: Bounds
  #opened = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#sessions.size
  }

  /** @throws Refusal 503 when all places are taken, 429 when the caller's are */
  open(opening: Opening): Session {
    const { caller, nowMs } = opening
    this.#requireRoom(caller.id)
    this.#opened += 1
    const id = randomBytes(32).toString('base64url')
    return this.#put(newSession(id, `${caller.id}/${nowMs.toString(36)}-${this.#opened.toString(36)}`, opening))
  }

  /** Take up a session of an earlier process. @throws Refusal as `open` */
  add(session: Session): Session {
    this.#requireRoom(session.callerId)
    return this.#put(session)
  }

  /** A live session, if it is this caller's and was opened at this address. Nobody learns which of the three failed. */
  find(id: string, callerId: string, source: string | undefined): Session | undefined {
    const session = this.#sessions.get(id)
    return session && session.callerId === callerId && session.source === source ? session : undefined
  }

  /** Whether a session has not ended. */
  has(session: Session): boolean {
    return this.#sessions.get(session.id) === session
  }

  remove(session: Session): void {
    if (!this.#sessions.delete(session.id)) return
    const left = (this.#perCaller.get(session.callerId) ?? 1) - 1
    if (left === 0) this.#perCaller.delete(session.callerId)
    else this.#perCaller.set(session.callerId, left)
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /** Sessions that nobody used for too long. */
  idle(nowMs: number): Session[] {
    const before = nowMs - this.#bounds.sessionIdleMs
    return [...this.#sessions.values()].filter((session) => session.lastSeenAt < before && !isInUse(session))
  }

  #put(session: Session): Session {
    this.#sessions.set(session.id, session)
    this.#perCaller.set(session.callerId, (this.#perCaller.get(session.callerId) ?? 0) + 1)
    return session
  }

  #requireRoom(callerId: string): void {
    const { maxSessions, maxSessionsPerCaller } = this.#bounds
    const own = this.#perCaller.get(callerId) ?? 0
    if (own >= maxSessionsPerCaller)
      throw new Refusal(
        429,
        FAULTS.rate_limited.rpc,
        `You have ${own} sessions open, which is the limit. End one with DELETE, or wait until an idle one is forgotten.`,
        { headers: { 'retry-after': '60' } },
      )
    if (this.#sessions.size >= maxSessions)
      throw new Refusal(503, FAULTS.busy.rpc, `All ${maxSessions} sessions of this gateway are taken. Try again in a minute.`, {
        headers: { 'retry-after': '60' },
      })
  }
}

/** It waits for a call, or listens. */
export const isInUse = ({ stream, calls }: Session): boolean => stream !== undefined || (calls?.size ?? 0) > 0
