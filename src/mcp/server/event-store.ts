import { EventQueue } from './event-queue.ts'
import type { Session } from './session.ts'

/** A message that may have to be sent again. */
export interface KeptEvent {
  readonly session: Session
  /** The stream that it went out on; empty for what waits for the next standing stream. */
  readonly stream: string
  /** Its place on that stream. */
  readonly number: number
  /** Empty once it was dropped, so that it takes no room while it still stands in a queue. */
  json: string
  readonly keptAt: number
  dropped: boolean
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
  readonly #all = new EventQueue()
  #bytes = 0
  #size = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Events that are kept at present, of all sessions. */
  get size(): number {
    return this.#size
  }

  /** Whether a message is small enough to be kept at all. */
  fits(json: string): boolean {
    return sizeOf(json) <= Math.min(this.#bounds.replayBytesPerSession, this.#bounds.replayBytes)
  }

  /** @param event one that fits */
  keep(given: Omit<KeptEvent, 'dropped'>): void {
    const event: KeptEvent = { ...given, dropped: false }
    const { session } = event
    const bytes = sizeOf(event.json)
    session.kept ??= { events: new EventQueue(), bytes: 0 }
    const { kept } = session
    kept.events.push(event)
    this.#all.push(event)
    kept.bytes += bytes
    this.#bytes += bytes
    this.#size += 1
    while (kept.bytes > this.#bounds.replayBytesPerSession) this.#drop(kept.events.oldest()!)
    while (this.#bytes > this.#bounds.replayBytes) this.#drop(this.#all.oldest()!)
  }

  /** What a stream has sent after a place on it, as far as it is still here. */
  after(session: Session, stream: string, number: number): KeptEvent[] {
    return (session.kept?.events.all() ?? []).filter((event) => event.stream === stream && event.number > number)
  }

  /** Hand out what waits for the session's next standing stream. */
  takeWaiting(session: Session): KeptEvent[] {
    const waiting = this.after(session, '', -1)
    const taken = waiting.map((event) => ({ ...event }))
    for (const event of waiting) this.#drop(event)
    return taken
  }

  /** Forget what is too old to be asked for. */
  sweep(nowMs: number): void {
    const before = nowMs - this.#bounds.replayMs
    for (let oldest = this.#all.oldest(); oldest && oldest.keptAt <= before; oldest = this.#all.oldest()) this.#drop(oldest)
  }

  /** Forget everything of a session. */
  forget({ kept }: Session): void {
    for (const event of kept?.events.all() ?? []) this.#drop(event)
  }

  #drop(event: KeptEvent): void {
    const { session, json } = event
    const { kept } = session
    event.dropped = true
    event.json = ''
    this.#all.noteDrop()
    this.#bytes -= sizeOf(json)
    this.#size -= 1
    if (!kept) return
    kept.events.noteDrop()
    kept.bytes -= sizeOf(json)
    if (kept.events.isEmpty) session.kept = undefined
  }
}

const sizeOf = (json: string): number => json.length + OVERHEAD_BYTES
