import { Fault, type FaultCode } from '../../src/contract/fault.ts'
import type { Verdict } from '../../src/contract/lane.ts'
import type { RunningJob } from '../../src/contract/queue.ts'
import type { PlainEnd, Said } from '../wire/from-worker.ts'
import { isLarger, MAX_TEXT_BYTES } from '../wire/limits.ts'
import { cutTexts } from '../wire/texts.ts'
import { LOST } from './job-end.ts'
import type { LaneBoard } from './lane-board.ts'
import type { LanePump } from './lane-pump.ts'
import type { Running } from './running-job.ts'
import type { Seat } from './seat.ts'

interface Outcome {
  readonly verdict: Verdict
  readonly result: string | null
  readonly code: FaultCode | null
}

/** What workers say to one lane. */
export class LaneIntake {
  readonly #board: LaneBoard
  readonly #pump: LanePump

  constructor(board: LaneBoard, pump: LanePump) {
    this.#board = board
    this.#pump = pump
  }

  verdicts(seat: Seat, message: Said<'verdicts'>, body: string): void {
    const results = cutTexts(body, message.sizes)
    const ends = new Map(message.ends.list.map((end) => [end.at, end]))
    const over = { ids: [] as number[], attempts: [] as number[] }
    for (let row = 0; row < results.length; row++) {
      const [id, attempt, startedAt] = [message.ids[row]!, message.attempts[row]!, message.startedAt[row]!]
      const running = this.#runningAt(seat, id, attempt)
      if (running === undefined) {
        this.#endAbandoned(seat, id, attempt)
        over.ids.push(id)
        over.attempts.push(attempt)
        continue
      }
      // It was said before; the acknowledgement is on its way.
      if (running.isEnding) continue
      const outcome = this.#outcomeOf(ends.get(row), results[row]!)
      this.#pump.end({ running, ...outcome, isLost: false, startedAt, endedAt: startedAt + message.tookMs[row]! })
    }
    if (over.ids.length > 0) seat.worker.connection.send({ t: 'ack', lane: this.#board.lane.name, ...over })
  }

  chunks(seat: Seat, { ids, attempts, sizes }: Said<'chunks'>, body: string): void {
    const texts = cutTexts(body, sizes)
    for (let row = 0; row < texts.length; row++) {
      if (this.#runningAt(seat, ids[row]!, attempts[row]!)) this.#report(ids[row]!, texts[row]!)
    }
  }

  asks(seat: Seat, message: Said<'asks'>, body: string): void {
    const texts = cutTexts(body, message.sizes)
    for (let row = 0; row < texts.length; row++) {
      const running = this.#runningAt(seat, message.ids[row]!, message.attempts[row]!)
      void this.#ask(running, message.names[row]!, texts[row]!).then((answer) => reply(seat, message.asks[row]!, answer))
    }
  }

  /** Its jobs are in good hands: their leases hold. */
  beat(seat: Seat, { utilisation, ids, attempts }: Said<'beat'>['lanes'][number]): void {
    seat.utilisation = utilisation
    const heardAt = this.#board.clock.steadyMs()
    for (let row = 0; row < ids.length; row++) {
      const running = this.#runningAt(seat, ids[row]!, attempts[row]!)
      if (running) running.heardAt = heardAt
    }
  }

  /**
   * A worker is there, perhaps again: what it still has stays with it, what it has not any more is lost.
   *
   * @param holds ids and attempts that it runs, or whose verdicts were not acknowledged
   */
  seated(seat: Seat, holds: { readonly ids: readonly number[]; readonly attempts: readonly number[] }): void {
    const attemptOf = new Map(holds.ids.map((id, row) => [id, holds.attempts[row]!]))
    const heardAt = this.#board.clock.steadyMs()
    for (const running of this.#board.running.values()) {
      if (running.workerName !== seat.worker.name) continue
      const isHeld = attemptOf.get(running.id) === running.attempt
      if (isHeld && running.calledOff === undefined) attemptOf.delete(running.id)
      if (isHeld || running.isEnding) adopt(running, seat, heardAt)
      else this.lose(running)
    }
    this.#callBack(seat, attemptOf)
    this.#board.seats.add(seat)
    this.#pump.wake()
  }

  /** Its worker is gone, or silent. Nobody knows how far it came. */
  lose(running: Running): void {
    if (running.isEnding) return
    const { startedAt, seat } = running
    const endedAt = this.#board.clock.nowMs()
    running.seat = undefined
    if (seat) this.#abandon(seat, running)
    this.#pump.end({
      running,
      verdict: { kind: 'retry', reason: LOST },
      result: null,
      code: 'unavailable',
      isLost: true,
      startedAt,
      endedAt,
    })
  }

  /** Tell a worker to stop a job that somebody called off. */
  callOff(running: Running, reason: string): void {
    running.calledOff = reason
    if (running.seat) this.#callBack(running.seat, new Map([[running.id, running.attempt]]), reason)
  }

  /** Should it be heard of again, it is to stop; until it says that it has, its place is taken. */
  #abandon(seat: Seat, running: Running): void {
    seat.abandoned.push(running)
    this.#callBack(seat, new Map([[running.id, running.attempt]]))
  }

  #endAbandoned(seat: Seat, id: number, attempt: number): void {
    const one = seat.abandoned.find((lost) => lost.id === id && lost.attempt === attempt)
    if (one === undefined) return
    seat.abandoned = seat.abandoned.filter((lost) => lost !== one)
    seat.free[one.level]! += 1
    this.#pump.wake()
  }

  #callBack(seat: Seat, attemptOf: ReadonlyMap<number, number>, reason = 'It is not needed any more.'): void {
    if (attemptOf.size === 0) return
    const ids = [...attemptOf.keys()]
    const reasons = ids.map((id) => this.#board.running.get(id)?.calledOff ?? reason)
    seat.worker.connection.send({ t: 'cancel', lane: this.#board.lane.name, ids, attempts: [...attemptOf.values()], reasons })
  }

  /** Fencing: only what this worker was given and nobody else since. */
  #runningAt(seat: Seat, id: number, attempt: number): Running | undefined {
    const running = this.#board.running.get(id)
    return running?.attempt === attempt && running.workerName === seat.worker.name ? running : undefined
  }

  #outcomeOf(end: PlainEnd | undefined, text: string): Outcome {
    const { maxResultBytes } = this.#board.policy
    if (end !== undefined) return plainOutcome(end)
    if (!isLarger(text, maxResultBytes)) return { verdict: { kind: 'done', result: undefined }, result: text, code: null }
    const reason = `The result is larger than ${maxResultBytes} bytes.`
    return { verdict: { kind: 'cancel', reason }, result: null, code: 'too_large' }
  }

  #report(id: number, text: string): void {
    for (const { onChunk } of this.#board.waiters.of(id)) {
      try {
        onChunk?.(JSON.parse(text))
      } catch (err) {
        this.#board.log.error({ err, lane: this.#board.lane.name, job: id }, 'queue.chunk_failed')
      }
    }
  }

  async #ask(running: Running | undefined, name: string, text: string): Promise<Answer> {
    const { handler, lane, log } = this.#board
    if (running === undefined || running.isEnding) return refusal(new Fault('cancelled', 'The attempt is over.'))
    if (handler?.ask === undefined) return refusal(new Fault('not_found', `Nobody answers for the lane ${lane.name}.`))
    running.asking ??= new AbortController()
    try {
      const job = await this.#jobOf(running)
      return answerOf(await handler.ask(job, name, JSON.parse(text), running.asking.signal))
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (fault !== thrown) log.error({ err: thrown, lane: lane.name, job: running.id, ask: name }, 'queue.ask_failed')
      return refusal(fault)
    }
  }

  async #jobOf({ id, token, attempt, level, payload }: Running): Promise<RunningJob> {
    const text = payload ?? (await this.#board.ledger.get(id))?.payload ?? 'null'
    return { id, lane: this.#board.lane.name, token, attempt, level, payload: JSON.parse(text) }
  }
}

interface Answer {
  readonly code: FaultCode | null
  /** JSON text, or the fault's message. */
  readonly text: string
}

const refusal = ({ code, message }: Fault): Answer => ({ code, text: message })

function answerOf(answer: unknown): Answer {
  const text = JSON.stringify(answer) ?? 'null'
  if (!isLarger(text, MAX_TEXT_BYTES)) return { code: null, text }
  return refusal(new Fault('too_large', `The answer is larger than ${MAX_TEXT_BYTES} bytes.`))
}

const reply = ({ worker }: Seat, ask: number, { code, text }: Answer): void =>
  worker.connection.send({ t: 'answers', asks: [ask], codes: [code], sizes: [text.length] }, text)

function plainOutcome(end: PlainEnd): Outcome {
  switch (end.kind) {
    case 'snooze':
      return { verdict: { kind: 'snooze', delayMs: end.delayMs }, result: null, code: null }
    case 'retry': {
      const { reason, afterMs, code = 'upstream' } = end
      return { verdict: { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs }) }, result: null, code }
    }
    case 'cancel':
      return { verdict: { kind: 'cancel', reason: end.reason }, result: null, code: end.code ?? 'upstream' }
  }
}

function adopt(running: Running, seat: Seat, heardAt: number): void {
  running.seat = seat
  running.heardAt = heardAt
  // The place of one that ends was given back already.
  if (!running.isEnding) seat.free[running.level]! -= 1
}
