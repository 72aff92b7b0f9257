import type { Desk } from './desk.ts'
import type { Added, NewJob } from './ledger.ts'
import type { Place } from './place.ts'
import { STATE, stateOf } from './state-code.ts'
import type { KnownRow } from './statements.ts'

/** A job that stands in line, but is not in the file yet: it is written when it is known whether somebody gets it at once. */
interface Fresh {
  readonly job: NewJob
  readonly level: number
  /** Where its answer goes. */
  readonly index: number
}

/** Jobs on their way in. */
export interface Arrivals {
  /** Take one that is not in the file yet; who takes it writes it. */
  take(id: number): NewJob | undefined
  /** Write those that nobody took. @returns what came of each job, in the order of the batch */
  store(): readonly Added[]
}

/** What the parts of this file hand on. */
interface Arriving {
  readonly desk: Desk
  readonly nowMs: number
  readonly fresh: Map<number, Fresh>
  /** Of those that have a key. */
  readonly freshByKey: Map<string, Fresh>
  readonly added: Added[]
  /** Jobs that came twice in one batch: where, and of which the first was. */
  readonly again: Map<number, Fresh>
}

/** Judge new jobs. Those for later are written at once. */
export function addJobs(desk: Desk, jobs: readonly NewJob[], nowMs: number): Arrivals {
  const arriving: Arriving = { desk, nowMs, fresh: new Map(), freshByKey: new Map(), added: [], again: new Map() }
  for (const job of jobs) arriving.added.push(judge(arriving, job))
  return {
    take: (id) => take(arriving, id),
    store: () => store(arriving),
  }
}

function judge(arriving: Arriving, job: NewJob): Added {
  const { desk, fresh, nowMs } = arriving
  if (job.id > desk.maxId) desk.maxId = job.id
  else {
    const first = fresh.get(job.id)
    if (first) return remember(arriving, first)
    const known = desk.sql.known.get(job.id)
    if (known) return repeat(known)
  }
  return (job.key !== null && judgeKey(arriving, job.key)) || admit(arriving, job, desk.standing.place(job.token), nowMs)
}

function judgeKey(arriving: Arriving, key: string): Added | undefined {
  const first = arriving.freshByKey.get(key)
  if (first) return remember(arriving, first)
  const known = arriving.desk.sql.knownKey.get(key)
  return known && repeat(known)
}

const repeat = ({ id, state }: KnownRow): Added => ({ id, isNew: false, state: stateOf(state) })

/** Where the first stands is known when the batch is done. */
function remember({ again, added }: Arriving, first: Fresh): Added {
  again.set(added.length, first)
  return { id: first.job.id, isNew: false, state: 'ready' }
}

function admit(arriving: Arriving, job: NewJob, place: Place, nowMs: number): Added {
  const level = Math.min(job.level, arriving.desk.levels - 1)
  if (place.waiting[level]! >= place.waitingLimit) return { refused: 'queuePerToken', limit: place.waitingLimit }
  if (job.runAt > nowMs) schedule(arriving, job, level, place)
  else lineUp(arriving, job, level)
  return { id: job.id, isNew: true, state: job.runAt > nowMs ? 'scheduled' : 'ready' }
}

function schedule({ desk, nowMs }: Arriving, job: NewJob, level: number, place: Place): void {
  write(desk, job, level, nowMs, job.runAt, STATE.scheduled)
  desk.standing.enterScheduled(place, level)
  desk.standing.dueAt = Math.min(desk.standing.dueAt ?? job.runAt, job.runAt)
}

function lineUp({ desk: { standing }, fresh, freshByKey, added }: Arriving, job: NewJob, level: number): void {
  const arrival: Fresh = { job, level, index: added.length }
  fresh.set(job.id, arrival)
  if (job.key !== null) freshByKey.set(job.key, arrival)
  standing.enterReady(standing.line(job.token, level, job.priority), job.id)
}

function write({ sql }: Desk, job: NewJob, level: number, nowMs: number, runAt: number, state: number): void {
  const { id, priority, maxAttempts, token, timeoutMs, key, payload } = job
  sql.insertReady.run(id, level, priority, maxAttempts, nowMs, runAt, token, timeoutMs, key, state)
  sql.insertPayload.run(id, payload)
}

function take({ fresh, added }: Arriving, id: number): NewJob | undefined {
  const arrival = fresh.get(id)
  if (!arrival) return undefined
  fresh.delete(id)
  added[arrival.index] = { id, isNew: true, state: 'running' }
  return arrival.job
}

function store({ desk, nowMs, fresh, added, again }: Arriving): readonly Added[] {
  for (const { job, level } of fresh.values()) write(desk, job, level, nowMs, nowMs, STATE.ready)
  for (const [index, first] of again) added[index] = { ...added[first.index]!, isNew: false } as Added
  return added
}
