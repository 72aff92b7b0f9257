import type { z } from 'zod'
import { Fault, type FaultDetail } from '../../src/contract/fault.ts'
import type { Lane } from '../../src/contract/lane.ts'
import type { JobOptions, RunOptions } from '../../src/contract/queue.ts'
import type { Added, NewJob } from '../ledger/ledger.ts'
import { isLarger } from '../wire/limits.ts'
import type { Refusal } from './figures.ts'
import { faultOf, type JobEnd } from './job-end.ts'
import type { JobIds } from './job-ids.ts'
import type { LaneActs } from './lane-acts.ts'
import type { LaneBoard } from './lane-board.ts'
import type { LanePump } from './lane-pump.ts'
import type { LaneWatch } from './lane-watch.ts'
import { noTurn } from './no-turn.ts'
import type { Waiter } from './waiters.ts'

interface EntranceParts {
  readonly board: LaneBoard
  readonly pump: LanePump
  readonly watch: LaneWatch
  readonly acts: LaneActs
  readonly ids: JobIds
}

/** When a queue that is full may have room again, in ms. */
const FULL_RETRY_MS = 1_000

/** Where jobs come into a lane. */
export class LaneEntrance {
  readonly #parts: EntranceParts
  #isClosed = false

  constructor(parts: EntranceParts) {
    this.#parts = parts
  }

  /** The front stops. */
  close(): void {
    this.#isClosed = true
  }

  async add(payload: unknown, options: JobOptions & { readonly id?: number }): Promise<{ id: number; isNew: boolean }> {
    const job = this.#job(payload, options)
    const added = await new Promise<Added>((accepted, refused) => this.#parts.pump.add({ job, accepted, refused }))
    if ('refused' in added) throw this.#full(job.token, added.limit)
    if (added.isNew) this.#parts.board.figures.added += 1
    return { id: added.id, isNew: added.isNew }
  }

  async run(payload: unknown, options: RunOptions): Promise<unknown> {
    const { board, pump, watch } = this.#parts
    const job = this.#job(payload, options)
    if (options.signal.aborted) throw calledOff()
    if (watch.isUnserved) {
      board.figures.refuse('no_worker')
      throw noTurn(board.lane.name, 'no_worker', options.maxWaitMs ?? board.policy.maxWaitMs)
    }
    return new Promise((resolve, reject) => {
      const visit = new RunVisit(this.#parts, options, resolve, reject)
      pump.add({ job, accepted: (added) => this.#accepted(visit, job, added), refused: (thrown) => visit.fail(thrown) })
    })
  }

  #accepted(visit: RunVisit, job: NewJob, added: Added): void {
    if ('refused' in added) visit.fail(this.#full(job.token, added.limit))
    else {
      if (added.isNew) this.#parts.board.figures.added += 1
      visit.accepted(added.id, added.isNew, added.state === 'done' || added.state === 'cancelled' || added.state === 'dead')
    }
  }

  #job(payload: unknown, options: JobOptions & { readonly id?: number }): NewJob {
    const { board, ids } = this.#parts
    if (this.#isClosed) throw new Fault('unavailable', 'The gateway is stopping. Try again shortly.', { retryAfterMs: 1_000 })
    const { token, level = 0, priority = 0, key = null, timeoutMs = null } = options
    const { lane, policy, clock } = board
    if (level >= lane.levels)
      throw new Fault('invalid', `Jobs of the lane ${lane.name} can be nested ${lane.levels} deep; this would be deeper.`)
    return {
      id: options.id ?? ids.next(),
      token,
      level,
      priority,
      runAt: options.runAt ?? clock.nowMs(),
      key,
      maxAttempts: options.maxAttempts ?? policy.maxAttempts,
      timeoutMs,
      payload: this.#text(payload),
    }
  }

  /** What was given, not what the schema made of it: the task reads it through the same schema again. */
  #text(payload: unknown): string {
    const { lane, policy } = this.#parts.board
    const read = lane.payload.safeParse(payload)
    if (!read.success) throw misfit(lane, read.error)
    const text = JSON.stringify(payload) ?? 'null'
    if (!isLarger(text, policy.maxPayloadBytes)) return text
    this.#parts.board.figures.refuse('maxPayloadBytes')
    throw limitFault(
      'too_large',
      `A job of the lane ${lane.name} may carry ${policy.maxPayloadBytes} bytes; this one is larger.`,
      {
        limit: 'maxPayloadBytes',
        value: policy.maxPayloadBytes,
      },
    )
  }

  #full(token: string, value: number): Fault {
    const { lane, figures } = this.#parts.board
    figures.refuse('queuePerToken')
    const sentence = `${value} jobs of ${token} wait in the lane ${lane.name} already. Try again when some are done.`
    return limitFault('busy', sentence, { limit: 'queuePerToken', value, retryAfterMs: FULL_RETRY_MS })
  }
}

const limitFault = (
  code: 'busy' | 'too_large',
  sentence: string,
  data: { readonly limit: Refusal; readonly value: number; readonly retryAfterMs?: number },
): Fault => new Fault(code, sentence, { data, ...(data.retryAfterMs !== undefined && { retryAfterMs: data.retryAfterMs }) })

function misfit(lane: Lane, { issues }: z.ZodError): Fault {
  const details = issues.map(
    ({ path, message }): FaultDetail => ({ path: path.map((key) => `/${String(key)}`).join(''), message }),
  )
  return new Fault('invalid', `The payload does not fit the lane ${lane.name}.`, { details })
}

const calledOff = (): Fault => new Fault('cancelled', 'The caller cancelled the call.')

/** One call of `run`, until it is told how its job ended. There may be ten thousand, so it holds as little as it can. */
class RunVisit implements Waiter {
  readonly #parts: EntranceParts
  readonly #options: RunOptions
  readonly #resolve: (result: unknown) => void
  readonly #reject: (thrown: unknown) => void
  readonly maxWaitMs: number
  turnBy: number | undefined
  #id: number | undefined
  #isOver = false
  readonly #onAbort = (): void => this.#abort()

  constructor(parts: EntranceParts, options: RunOptions, resolve: (result: unknown) => void, reject: (thrown: unknown) => void) {
    const { board } = parts
    this.#parts = parts
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.maxWaitMs = options.maxWaitMs ?? board.policy.maxWaitMs
    this.turnBy = board.clock.steadyMs() + this.maxWaitMs
    options.signal.addEventListener('abort', this.#onAbort)
  }

  get onChunk(): RunOptions['onChunk'] {
    return this.#options.onChunk
  }

  /** @param isFinal the job was known by its key, and is over */
  accepted(id: number, isNew: boolean, isFinal: boolean): void {
    const { board, acts } = this.#parts
    this.#id = id
    if (this.#isOver) {
      if (isNew) acts.withdraw(id, 'The caller cancelled the call.')
      return
    }
    board.waiters.add(id, this)
    if (board.running.has(id)) this.turnBy = undefined
    if (isFinal) acts.tellEnd(id)
  }

  end(end: JobEnd): void {
    this.#finish()
    try {
      this.#resolve(this.#read(end))
    } catch (thrown) {
      this.#reject(thrown)
    }
  }

  fail(thrown: unknown): void {
    this.#finish()
    this.#reject(thrown)
  }

  #read(end: JobEnd): unknown {
    const { lane } = this.#parts.board
    if (end.state !== 'done') throw faultOf(lane.name, end)
    const result = lane.result.safeParse(JSON.parse(end.result ?? 'null'))
    if (result.success) return result.data
    throw new Fault('internal', `A worker gave a result that does not fit the lane ${lane.name}.`, { cause: result.error })
  }

  #abort(): void {
    const { board, acts } = this.#parts
    this.fail(calledOff())
    const id = this.#id
    if (id !== undefined && board.waiters.remove(id, this)) acts.withdraw(id, 'The caller cancelled the call.')
  }

  #finish(): void {
    this.#isOver = true
    this.#options.signal.removeEventListener('abort', this.#onAbort)
  }
}
