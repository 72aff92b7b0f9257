import type { Desk } from './desk.ts'
import type { Added, NewJob } from './ledger.ts'
import type { Place } from './place.ts'
import { STATE, stateOf } from './state-code.ts'
import type { KnownRow } from './statements.ts'
import type { Fresh } from './turns.ts'

/** Jobs on their way in: what is ready stands in its line already, and is written when it is known who gets it. */
export interface Arrivals {
  readonly fresh: readonly Fresh[]
  /** Write those that nobody got. @returns what came of each job, in the order of the batch */
  store(): readonly Added[]
}

type Answer = Added | { readonly sameAs: number }

/** Judge new jobs. Those for later are written at once. */
export function addJobs(desk: Desk, jobs: readonly NewJob[], nowMs: number): Arrivals {
  const { standing } = desk
  const fresh: Fresh[] = []
  const answers: Answer[] = []
  const firstOf = createFirstOf()
  for (const [index, job] of jobs.entries()) {
    const level = Math.min(job.level, desk.levels - 1)
    const before = firstOf(job, index)
    const known = before === undefined ? findKnown(desk, job) : undefined
    if (before !== undefined) answers.push({ sameAs: before })
    else if (known) answers.push({ id: known.id, isNew: false, state: stateOf(known.state) })
    else {
      const place = standing.place(job.token)
      if (place.waiting[level]! >= place.waitingLimit) answers.push({ refused: 'queuePerToken', limit: place.waitingLimit })
      else if (job.runAt > nowMs) answers.push(scheduleNew(desk, job, place, level, nowMs))
      else answers.push(lineUp(desk, job, level, index, fresh))
    }
  }
  return { fresh, store: () => store(desk, fresh, answers, nowMs) }
}

/** Whether the same id or key came earlier in the batch, and where. */
function createFirstOf(): (job: NewJob, index: number) => number | undefined {
  const keys = new Map<string, number>()
  const ids = new Map<number, number>()
  return ({ id, key }, index) => {
    const before = ids.get(id) ?? (key === null ? undefined : keys.get(key))
    if (before !== undefined) return before
    ids.set(id, index)
    if (key !== null) keys.set(key, index)
    return undefined
  }
}

function findKnown(desk: Desk, { id, key }: NewJob): KnownRow | undefined {
  const isUnseen = id > desk.maxId
  if (isUnseen) desk.maxId = id
  return (isUnseen ? undefined : desk.sql.known.get(id)) ?? (key === null ? undefined : desk.sql.knownKey.get(key))
}

function scheduleNew({ sql, standing }: Desk, job: NewJob, place: Place, level: number, nowMs: number): Added {
  const { id, priority, maxAttempts, runAt, token, timeoutMs, key } = job
  sql.insertReady.run(id, level, priority, maxAttempts, nowMs, runAt, token, timeoutMs, key, STATE.scheduled)
  sql.insertPayload.run(id, job.payload)
  standing.enterScheduled(place, level)
  standing.dueAt = Math.min(standing.dueAt ?? runAt, runAt)
  return { id, isNew: true, state: 'scheduled' }
}

function lineUp({ standing }: Desk, job: NewJob, level: number, index: number, fresh: Fresh[]): Added {
  const line = standing.line(job.token, level, job.priority)
  const arrival: Fresh = { job, line, index, isTaken: false }
  line.fresh.push(arrival)
  standing.enterReady(line)
  fresh.push(arrival)
  return { id: job.id, isNew: true, state: 'ready' }
}

function store(desk: Desk, fresh: readonly Fresh[], answers: Answer[], nowMs: number): readonly Added[] {
  for (const { job, line, index, isTaken } of fresh) {
    if (isTaken) answers[index] = { id: job.id, isNew: true, state: 'running' }
    else insertReady(desk, job, line.level, nowMs)
    if (!isTaken) line.stored += 1
    line.fresh.length = 0
    line.freshHead = 0
  }
  return answers.map((answer) => ('sameAs' in answer ? repeat(answers[answer.sameAs]!) : answer))
}

function insertReady({ sql }: Desk, job: NewJob, level: number, nowMs: number): void {
  const { id, priority, maxAttempts, token, timeoutMs, key, payload } = job
  sql.insertReady.run(id, level, priority, maxAttempts, nowMs, nowMs, token, timeoutMs, key, STATE.ready)
  sql.insertPayload.run(id, payload)
}

/** What the second of two equal jobs is told: what the first was, but that it is not new. */
function repeat(first: Answer): Added {
  if ('sameAs' in first || 'refused' in first) return first as Added
  return { ...first, isNew: false }
}
