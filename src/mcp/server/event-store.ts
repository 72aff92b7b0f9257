import type { Session } from './session.ts'

/** A message that may have to be sent again. */
export interface KeptEvent {
  readonly session: Session
  /** The stream that it went out on; empty for what waits for the next standing stream. */
  readonly stream: string
  /** Its place on that stream. */
  readonly number: number
  readonly json: string
  readonly keptAt: number
}

interface Bounds {
  readonly replayBytesPerSession: number
  readonly replayBytes: number
  readonly replayMs: number
}

/** What one event takes besides its text, in bytes. */
const OVERHEAD_BYTES = 120

/** Messages of streams whose connection may have been lost, for a while: the oldest make room for the newest. */
export class EventStore {
  readonly #bounds: Bounds
  /** Oldest first. */
  readonly #all = new Set<KeptEvent>()
  #bytes = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Events that are kept at present, of all sessions. */
  get size(): number {
    return this.#all.size
  }

  /** Whether a message is small enough to be kept at all. */
  fits(json: string): boolean {
    return sizeOf(json) <= Math.min(this.#bounds.replayBytesPerSession, this.#bounds.replayBytes)
  }

  /** @param event one that fits */
  keep(event: KeptEvent): void {
    const { session, json } = event
    session.kept ??= { events: new Set(), bytes: 0 }
    const { kept } = session
    kept.events.add(event)
    this.#all.add(event)
    kept.bytes += sizeOf(json)
    this.#bytes += sizeOf(json)
    while (kept.bytes > this.#bounds.replayBytesPerSession) this.#drop(first(kept.events))
    while (this.#bytes > this.#bounds.replayBytes) this.#drop(first(this.#all))
  }

  /** What a stream has sent after a place on it, as far as it is still here. */
  after(session: Session, stream: string, number: number): KeptEvent[] {
    return [...(session.kept?.events ?? [])].filter((event) => event.stream === stream && event.number > number)
  }

  /** Hand out what waits for the session's next standing stream. */
  takeWaiting(session: Session): KeptEvent[] {
    const waiting = this.after(session, '', -1)
    for (const event of waiting) this.#drop(event)
    return waiting
  }

  /** Forget what is too old to be asked for. */
  sweep(nowMs: number): void {
    const before = nowMs - this.#bounds.replayMs
    for (const event of this.#all) {
      if (event.keptAt > before) return
      this.#drop(event)
    }
  }

  /** Forget everything of a session. */
  forget({ kept }: Session): void {
    for (const event of kept?.events ?? []) this.#drop(event)
  }

  #drop(event: KeptEvent): void {
    const { session, json } = event
    const { kept } = session
    if (!kept || !this.#all.delete(event)) return
    kept.events.delete(event)
    kept.bytes -= sizeOf(json)
    this.#bytes -= sizeOf(json)
    if (kept.events.size === 0) session.kept = undefined
  }
}

const sizeOf = (json: string): number => json.length + OVERHEAD_BYTES

const first = (events: ReadonlySet<KeptEvent>): KeptEvent => events.values().next().value!
