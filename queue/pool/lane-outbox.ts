import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { PlainEnd } from '../wire/from-worker.ts'
import { MAX_TEXT_BYTES } from '../wire/limits.ts'
import { partForFrames } from '../wire/texts.ts'
import type { AttemptEnd } from './attempt.ts'
import type { Link } from './link.ts'

/** An attempt that is over. */
export interface WorkerVerdict {
  readonly id: number
  readonly attempt: number
  readonly startedAt: number
  readonly tookMs: number
  readonly end: AttemptEnd
}

interface Report {
  readonly id: number
  readonly attempt: number
  readonly text: string
}

/** Reports that wait for a slow front, in characters; whoever reports more is told to stop. */
const MAX_HELD_CHARS = MAX_TEXT_BYTES

/** What a lane of a worker has to tell. One frame of each kind per turn of the event loop; verdicts are kept until they are acknowledged. */
export class LaneOutbox {
  readonly #lane: string
  readonly #link: () => Link
  readonly #kept = new NumberMap<WorkerVerdict>()
  #unsent: WorkerVerdict[] = []
  #reports: Report[] = []
  #reportChars = 0
  #scheduled = false
  #onEmpty: (() => void) | undefined

  constructor(lane: string, link: () => Link) {
    this.#lane = lane
    this.#link = link
  }

  /** Verdicts that the front has not acknowledged. */
  kept(): Iterable<WorkerVerdict> {
    return this.#kept.values()
  }

  /** Resolves when everything is acknowledged. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#kept.size === 0) resolve()
      else this.#onEmpty = resolve
    })
  }

  verdict(verdict: WorkerVerdict): void {
    this.#kept.set(verdict.id, verdict)
    this.#unsent.push(verdict)
    this.#schedule()
  }

  /** @returns false where too much waits already */
  report(report: Report): boolean {
    // Whoever waited for reports went with the front.
    if (!this.#link().isUp) return true
    if (this.#reportChars + report.text.length > MAX_HELD_CHARS) return false
    this.#reports.push(report)
    this.#reportChars += report.text.length
    this.#schedule()
    return true
  }

  acknowledged(ids: readonly number[], attempts: readonly number[]): void {
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row] as number
      if (this.#kept.get(id)?.attempt === attempts[row]) this.#kept.delete(id)
    }
    if (this.#kept.size === 0) this.#onEmpty?.()
  }

  /** A front is there again: it is told everything that the last one has not acknowledged. */
  resend(): void {
    this.#unsent = this.#kept.values()
    this.flush()
  }

  /** The front is gone, and with it whoever waited for reports. */
  dropReports(): void {
    this.#reports = []
    this.#reportChars = 0
  }

  /** Send what waits, unless the front does not take it now. */
  flush(): void {
    const link = this.#link()
    if (!link.isOpen) return
    this.#sendReports(link)
    this.#sendVerdicts(link)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }

  #sendReports(link: Link): void {
    if (this.#reports.length === 0) return
    for (const part of partForFrames(this.#reports, ({ text }) => text.length)) {
      const [ids, attempts, sizes] = [
        part.map(({ id }) => id),
        part.map(({ attempt }) => attempt),
        part.map(({ text }) => text.length),
      ]
      link.send({ t: 'chunks', lane: this.#lane, ids, attempts, sizes }, part.map(({ text }) => text).join(''))
    }
    this.dropReports()
  }

  #sendVerdicts(link: Link): void {
    if (this.#unsent.length === 0) return
    for (const part of partForFrames(this.#unsent, charsOf)) link.send(...verdictFrame(this.#lane, part))
    this.#unsent = []
  }
}

const charsOf = ({ end }: WorkerVerdict): number => (typeof end === 'string' ? end.length : 0)

function verdictFrame(lane: string, verdicts: readonly WorkerVerdict[]): [header: object, body: string] {
  const ids: number[] = []
  const attempts: number[] = []
  const startedAt: number[] = []
  const tookMs: number[] = []
  const sizes: number[] = []
  const list: PlainEnd[] = []
  let body = ''
  for (const verdict of verdicts) {
    const { end } = verdict
    if (typeof end === 'string') body += end
    else list.push({ at: ids.length, ...end } as PlainEnd)
    ids.push(verdict.id)
    attempts.push(verdict.attempt)
    startedAt.push(verdict.startedAt)
    tookMs.push(verdict.tookMs)
    sizes.push(charsOf(verdict))
  }
  return [{ t: 'verdicts', lane, ids, attempts, startedAt, tookMs, sizes, ends: { list } }, body]
}
