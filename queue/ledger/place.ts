import type { Line } from './turns.ts'

/** How one token stands in the lane. */
export interface Place {
  readonly token: string
  /** At level 0; what is nested is bounded by what it is nested in. */
  running: number
  runningLimit: number
  waitingLimit: number
  /** Scheduled and ready, by level. Each level has the whole limit, so that what waits outside does not refuse what running jobs need. */
  readonly waiting: number[]
  /** Ready at level 0. */
  ready: number
  readonly lines: Line[]
  /** Lines that come back to their queues when a job of the token ends. */
  parked: Line[]
}

/** Whether one more of its jobs may run at level 0. */
export const hasRoom = (place: Place): boolean => place.running < place.runningLimit

/** Whether nothing of it waits or runs. */
export const isIdle = (place: Place): boolean => place.running === 0 && place.waiting.every((count) => count === 0)

/** The line of one level and priority, which is made where there was none. */
export function lineOf(place: Place, level: number, priority: number): Line {
  for (const line of place.lines) if (line.level === level && line.priority === priority) return line
  const line: Line = { place, level, priority, queue: { ids: [], head: 0 }, isQueued: false, next: undefined }
  place.lines.push(line)
  return line
}
