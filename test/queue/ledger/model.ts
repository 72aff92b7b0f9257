import type { Added, Batch, Committed, LeasedJob, LedgerPolicy, NewJob, Settlement } from '../../../queue/ledger/ledger.ts'
import { JOB_STATES, type JobState, type TokenLimit } from '../../../src/contract/queue.ts'

/** A job as the rules would have it. */
export interface ModelJob {
  readonly id: number
  readonly token: string
  readonly level: number
  readonly priority: number
  readonly key: string | null
  state: JobState
  attempt: number
  runAt: number
  endedAt: number
  leaseUntil: number
}

const FINAL: readonly JobState[] = ['done', 'cancelled', 'dead']

/**
 * A ledger in plain rules: slow, in memory, and saying which jobs a claim may give instead of which it must.
 *
 * Each function does what the ledger should have done, and throws where what the ledger answered cannot be.
 */
export class LedgerModel {
  readonly jobs = new Map<number, ModelJob>()
  readonly unannounced = new Set<number>()
  readonly limits = new Map<string, TokenLimit>()
  readonly policy: LedgerPolicy
  isPaused = false

  constructor(policy: LedgerPolicy) {
    this.policy = policy
  }

  commit(batch: Batch, answer: Committed): void {
    batch.settle.forEach((settlement, index) => {
      must(this.settle(settlement) === answer.settled[index], `settlement ${index}`)
    })
    for (const id of batch.announced ?? []) this.unannounced.delete(id)
    for (const job of this.in('scheduled')) if (job.runAt <= batch.nowMs) job.state = 'ready'
    batch.add.forEach((job, index) => {
      this.add(job, answer.added[index]!, batch.nowMs)
    })
    batch.claim.forEach((claim, index) => {
      for (const leased of answer.claimed[index]!) this.lease(leased, claim.leaseUntil)
      this.judgePlaces(claim.free, answer.claimed[index]!)
    })
  }

  settle({ id, attempt, patch, endedAt }: Settlement): boolean {
    const job = this.jobs.get(id)
    if (job?.state !== 'running' || job.attempt !== attempt) return false
    job.attempt = patch.attempt
    if (patch.state === 'scheduled') Object.assign(job, { state: 'scheduled', runAt: patch.runAt })
    else this.end(job, patch.state, endedAt)
    return true
  }

  end(job: ModelJob, state: JobState, endedAt: number): void {
    job.state = state
    job.endedAt = endedAt
    this.unannounced.add(job.id)
  }

  add(job: NewJob, answer: Added, nowMs: number): void {
    const known = this.jobs.get(job.id) ?? [...this.jobs.values()].find(({ key }) => key !== null && key === job.key)
    if (known) {
      must('id' in answer && answer.id === known.id && !answer.isNew, `job ${job.id} is ${known.id}`)
      return
    }
    const limit = this.limits.get(job.token)?.waiting ?? this.policy.queuePerToken
    const waiting = this.of(job.token, job.level).filter(({ state }) => state === 'ready' || state === 'scheduled')
    if (waiting.length >= limit) {
      must('refused' in answer && answer.limit === limit, `job ${job.id} is one too many`)
      return
    }
    must('id' in answer && answer.isNew, `job ${job.id} is new`)
    const state = job.runAt > nowMs ? 'scheduled' : 'ready'
    this.jobs.set(job.id, { ...job, state, attempt: 0, endedAt: 0, leaseUntil: 0 })
  }

  lease({ id, attempt, token, level }: LeasedJob, leaseUntil: number): void {
    const job = this.jobs.get(id)!
    must(!this.isPaused && job.state === 'ready' && job.attempt + 1 === attempt, `job ${id} was ready`)
    const better = this.of(token, level).filter((other) => other.state === 'ready' && goesBefore(other, job))
    must(better.length === 0, `job ${id} was the next of its token`)
    must(this.hasRoom(job), `token ${token} had room`)
    Object.assign(job, { state: 'running', attempt, leaseUntil })
  }

  /** No place stays free while somebody could have it, and nobody goes before what is more important. */
  judgePlaces(free: readonly number[], leased: readonly LeasedJob[]): void {
    for (const [level, places] of free.entries()) {
      const given = leased.filter((job) => job.level === level)
      const left = this.claimable().filter((job) => job.level === level)
      must(given.length <= places, `no more than ${places} places`)
      must(given.length === places || left.length === 0, `all ${places} places are given`)
      const lowest = Math.min(...given.map(({ id }) => this.jobs.get(id)!.priority))
      must(
        left.every(({ priority }) => priority <= lowest),
        'priority goes first',
      )
    }
  }

  claimable(): ModelJob[] {
    return this.isPaused ? [] : this.in('ready').filter((job) => this.hasRoom(job))
  }

  hasRoom({ token, level }: ModelJob): boolean {
    const running = this.of(token, 0).filter(({ state }) => state === 'running').length
    return level > 0 || running < (this.limits.get(token)?.running ?? this.policy.perToken)
  }

  cancel(id: number, nowMs: number): JobState | undefined {
    const job = this.jobs.get(id)
    if (job?.state === 'ready' || job?.state === 'scheduled') this.end(job, 'cancelled', nowMs)
    return job?.state
  }

  retry(id: number, nowMs: number): JobState | undefined {
    const job = this.jobs.get(id)
    const before = job?.state
    if (before !== 'dead' && before !== 'cancelled') return before
    this.unannounced.delete(id)
    Object.assign(job!, { state: 'ready', runAt: nowMs })
    return before
  }

  discard(id: number, nowMs: number): JobState | undefined {
    const job = this.jobs.get(id)
    const before = job?.state
    if (before === 'dead') Object.assign(job!, { state: 'cancelled', endedAt: nowMs })
    return before
  }

  purge(over: number, dead: number): number {
    const old = [...this.jobs.values()].filter(({ id, state, endedAt }) => {
      return FINAL.includes(state) && !this.unannounced.has(id) && endedAt < (state === 'dead' ? dead : over)
    })
    for (const { id } of old) this.jobs.delete(id)
    return old.length
  }

  counts(): Record<string, number> {
    return Object.fromEntries(JOB_STATES.map((state) => [state, this.in(state).length]))
  }

  in(state: JobState): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.state === state)
  }

  of(token: string, level: number): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.token === token && job.level === level)
  }
}

const goesBefore = (a: ModelJob, b: ModelJob): boolean => a.priority > b.priority || (a.priority === b.priority && a.id < b.id)

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`It should hold that ${what}.`)
}
