import type { JobState } from '../../src/contract/queue.ts'
import type { Desk } from './desk.ts'
import { STATE } from './state-code.ts'

/** When which jobs may go, in the order in which they go. */
type Before = readonly (readonly [state: 'done' | 'cancelled' | 'dead', endedBefore: number])[]

const BESIDE = [
  ['payload', 'id'],
  ['result', 'id'],
  ['attempt', 'job_id'],
  ['job', 'id'],
] as const

/** Remove what was over before a time and has been announced, with all that lies beside it. @returns how many */
export function purgeJobs(desk: Desk, before: { readonly over: number; readonly dead: number }, limit: number): number {
  const order: Before = [
    ['done', before.over],
    ['cancelled', before.over],
    ['dead', before.dead],
  ]
  let removed = 0
  for (const [state, endedBefore] of order) {
    const ids = endedOf(desk, state, endedBefore, limit - removed)
    remove(desk, state, ids)
    removed += ids.length
  }
  return removed
}

function endedOf({ db, endings }: Desk, state: JobState, before: number, limit: number): number[] {
  const ids = db
    .prepare<[number, number], number>(
      `select id from job where state = ${STATE[state]} and ended_at < ? order by ended_at limit ?`,
    )
    .pluck()
    .all(before, limit + endings.size) as number[]
  return ids.filter((id) => !endings.has(id)).slice(0, limit)
}

function remove({ db, standing }: Desk, state: JobState, ids: readonly number[]): void {
  if (ids.length === 0) return
  const list = JSON.stringify(ids)
  for (const [table, column] of BESIDE) {
    db.prepare(`delete from ${table} where ${column} in (select value from json_each(?))`).run(list)
  }
  standing.counts[state] -= ids.length
}
