import { type IdQueue, sizeOf } from './id-queue.ts'
import type { Place } from './place.ts'

/** The ready jobs of one token at one level and priority. */
export interface Line {
  readonly place: Place
  readonly level: number
  readonly priority: number
  readonly queue: IdQueue
  isQueued: boolean
  next: Line | undefined
}

interface Rank {
  readonly priority: number
  head: Line | undefined
  tail: Line | undefined
}

/** Whose turn it is. */
export interface Turns {
  /** Put a line behind all others of its priority, unless it stands there already. */
  queue(line: Line): void
  /** The line whose turn it is: highest priority first, tokens in turn; it has left the queue. A line without a place waits in its token. */
  next(level: number): Line | undefined
}

/** Nobody waits yet. */
export function createTurns(levels: number): Turns {
  const ranks = Array.from({ length: levels }, (): Rank[] => [])
  return {
    queue: (line) => {
      if (line.isQueued) return
      line.isQueued = true
      append(rankOf(ranks[line.level]!, line.priority), line)
    },
    next: (level) => {
      for (const rank of ranks[level] ?? []) {
        const line = firstThatMayRun(rank)
        if (line) return line
      }
      return undefined
    },
  }
}

/** A line that was emptied meanwhile is dropped; one whose token runs as much as it may is parked with it. */
function firstThatMayRun(rank: Rank): Line | undefined {
  for (let line = shift(rank); line; line = shift(rank)) {
    if (sizeOf(line.queue) === 0) continue
    if (line.level > 0 || line.place.running < line.place.runningLimit) return line
    line.place.parked.push(line)
  }
  return undefined
}

/** Highest first. */
function rankOf(ranks: Rank[], priority: number): Rank {
  let at = 0
  while (at < ranks.length && ranks[at]!.priority > priority) at++
  const known = ranks[at]
  if (known?.priority === priority) return known
  const rank: Rank = { priority, head: undefined, tail: undefined }
  ranks.splice(at, 0, rank)
  return rank
}

function append(rank: Rank, line: Line): void {
  if (rank.tail) rank.tail.next = line
  else rank.head = line
  rank.tail = line
}

function shift(rank: Rank): Line | undefined {
  const line = rank.head
  if (!line) return undefined
  rank.head = line.next
  if (!rank.head) rank.tail = undefined
  line.next = undefined
  line.isQueued = false
  return line
}
