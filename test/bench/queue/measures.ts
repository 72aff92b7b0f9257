import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '../statistics.ts'
import type { Contestant } from './contestant.ts'

/** How long jobs took, from the call to its result. */
export interface Delays {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** A load and what it found. */
export interface LoadFigures extends Delays {
  readonly jobsPerSecond: number
}

/** What the token of one job finds alone, and beside ten thousand of another. */
export interface Fairness {
  readonly idle: Delays
  /** The others were queued; nobody waits for them. */
  readonly queued: Delays
  /** Somebody in the same process waits for each of the others. */
  readonly awaited: Delays
}

/** Jobs of the other token that wait. */
const BACKLOG = 10_000

/** That wait on top, so that it is never fewer. */
const SPARE = 2_000

/** Jobs that are queued together to keep so many waiting: more than one commit takes in. */
const TOP_UP = 256

/** After a flood, until the last of it is forgotten. */
const SETTLE_MS = 50

type Run = NonNullable<Contestant['run']>

/** Jobs per second that are taken in, 64 callers at once. */
export async function enqueue({ add }: Contestant, jobs: number): Promise<number> {
  const began = performance.now()
  let left = jobs
  await together(64, async () => {
    while (left-- > 0) await add(0)
  })
  return (jobs / (performance.now() - began)) * 1_000
}

/** So many callers, each with one job at a time. */
export async function closedLoop(run: Run, inFlight: number, durationMs: number, tokens = 1): Promise<LoadFigures> {
  const times: number[] = []
  const began = performance.now()
  const end = began + durationMs
  await together(inFlight, async (caller) => {
    for (let turn = caller; performance.now() < end; turn += inFlight) times.push(await timed(() => run(turn % tokens)))
  })
  return figures(times, performance.now() - began)
}

/** So many jobs per second, whether the earlier ones are done or not. */
export async function openLoop(run: Run, perSecond: number, durationMs: number): Promise<LoadFigures> {
  const times: number[] = []
  const began = performance.now()
  const running: Promise<unknown>[] = []
  for (let due = began; due < began + durationMs; due += 1_000 / perSecond) {
    while (performance.now() < due) await delay(1)
    running.push(timed(() => run(0)).then((ms) => times.push(ms)))
  }
  await Promise.all(running)
  return figures(times, performance.now() - began)
}

/** How often fairness is looked at. */
export interface FairnessPlan {
  /** Alone and beside others take turns, so that what the machine does hits both alike. */
  readonly turns: number
  /** Jobs in each turn of either. */
  readonly samples: number
}

/** One job at a time of one token: alone, and while at least 10 000 of another wait, which were queued or are awaited. */
export async function fairness(
  { add, waiting = () => 0 }: Contestant,
  run: Run,
  { turns, samples }: FairnessPlan,
): Promise<Fairness> {
  const single = async (): Promise<number[]> => {
    const times: number[] = []
    for (let sample = 0; sample < samples; sample++) {
      times.push(await timed(() => run(1)))
      await delay(2)
    }
    return times
  }
  const beside = async (flood: (isOver: () => boolean) => Promise<unknown>): Promise<number[]> => {
    let isOver = false
    const others = flood(() => isOver)
    while (waiting() < BACKLOG) await delay(1)
    const times = await single()
    isOver = true
    await others
    while (waiting() > 0) await delay(1)
    await delay(SETTLE_MS)
    return times
  }
  const queued = async (isOver: () => boolean): Promise<void> => {
    await together(BACKLOG + SPARE, () => add(2))
    while (!isOver()) {
      if (waiting() > BACKLOG + SPARE) await delay(1)
      else await together(TOP_UP, () => add(2))
    }
  }
  // Each that is done is followed by another. Those that run or are on their way come on top.
  const awaited = (isOver: () => boolean): Promise<unknown> =>
    together(BACKLOG + 1_000, async () => {
      while (!isOver()) await run(2)
    })
  const [idle, besideQueued]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < turns; turn++) {
    idle.push(...(await single()))
    besideQueued.push(...(await beside(queued)))
  }
  return { idle: delaysOf(idle), queued: delaysOf(besideQueued), awaited: delaysOf(await beside(awaited)) }
}

const together = (callers: number, work: (caller: number) => Promise<void>): Promise<unknown> =>
  Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)))

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const figures = (times: number[], durationMs: number): LoadFigures => ({
  jobsPerSecond: (times.length / durationMs) * 1_000,
  ...delaysOf(times),
})

function delaysOf(times: number[]): Delays {
  const sorted = Float64Array.from(times).sort()
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) }
}
