import { randomBytes } from 'node:crypto'
import { Fault } from '../../../contract/fault.ts'
import type { McpLimits } from '../limits.ts'
import type { AskingCall } from './asking-call.ts'

type Bounds = Pick<McpLimits, 'answerMs' | 'maxParked' | 'maxParkedPerCaller'>

interface Place {
  readonly call: AskingCall
  /** Since when its client is waited for; `undefined` while it is here again. */
  since: number | undefined
}

/** Calls whose clients were asked something, by an id that nobody can guess. They hold what they hold at a server, so they are few. */
export class Parking {
  readonly #places = new Map<string, Place>()
  readonly #bounds: Bounds

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** How many calls wait for their clients now. */
  get size(): number {
    return this.waiting().length
  }

  /** Give a call a place, the one it has had if it had one. @throws Fault `busy` when there is none */
  park(call: AskingCall, id: string | undefined, nowMs: number): string {
    const waiting = this.waiting()
    const { maxParked, maxParkedPerCaller } = this.#bounds
    if (waiting.length >= maxParked || waiting.filter((other) => other.callerId === call.callerId).length >= maxParkedPerCaller)
      throw new Fault('busy', 'Too many calls wait for answers of their clients. Answer or let go of others first.')
    const place = id ?? randomBytes(16).toString('base64url')
    this.#places.set(place, { call, since: nowMs })
    return place
  }

  find(id: string): AskingCall | undefined {
    return this.#places.get(id)?.call
  }

  /** Its client is here again. */
  resume(id: string): void {
    const place = this.#places.get(id)
    if (place) place.since = undefined
  }

  leave(id: string): void {
    this.#places.delete(id)
  }

  /** Calls whose clients have been waited for too long. */
  expired(nowMs: number): AskingCall[] {
    const before = nowMs - this.#bounds.answerMs
    return [...this.#places.values()].filter(({ since }) => since !== undefined && since <= before).map(({ call }) => call)
  }

  /** Calls that wait for their clients now. */
  waiting(): AskingCall[] {
    return [...this.#places.values()].filter(({ since }) => since !== undefined).map(({ call }) => call)
  }
}
