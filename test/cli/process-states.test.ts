import { expect, test } from 'vitest'
import { processStates } from '../../src/cli/process-states.ts'
import type { ProcessState } from '../../src/contract/process.ts'
import type { Vitals, WorkerState } from '../../src/contract/queue.ts'

const vitals = (rssBytes: number): Vitals => ({
  startedAt: 1,
  rssBytes,
  heapBytes: 1,
  eventLoopDelayMs: 0,
  cpu: 0,
  threads: 1,
})
const state = (name: string, pid: number | null, more: Partial<ProcessState> = {}): ProcessState => ({
  name,
  pid,
  state: 'running',
  restarts: 0,
  lastEnd: null,
  vitals: null,
  ...more,
})
const worker = (name: string, pid: number): WorkerState => ({
  name,
  pid,
  connectedAt: 1,
  isSilent: false,
  lanes: [],
  running: 0,
  vitals: vitals(pid),
})

test('a front alone is one process, with workers that were started by hand', () => {
  const states = processStates({ vitals: vitals(1), supervised: [], workers: [worker('elsewhere', 7)] })

  expect(states).toEqual([state('front', process.pid, { vitals: vitals(1) }), state('elsewhere', 7, { vitals: vitals(7) })])
})

test('the front comes first, and each process has the vitals that it gave of itself', () => {
  const supervised = [
    state('supervisor', 3, { vitals: vitals(3) }),
    state('front', 4, { restarts: 2, lastEnd: 'signal SIGKILL' }),
    state('worker-1', 5),
    state('worker-2', null, { state: 'waiting' }),
  ]

  const states = processStates({ vitals: vitals(1), supervised, workers: [worker('worker-1', 5)] })

  expect(states).toEqual([
    state('front', process.pid, { restarts: 2, lastEnd: 'signal SIGKILL', vitals: vitals(1) }),
    state('supervisor', 3, { vitals: vitals(3) }),
    state('worker-1', 5, { vitals: vitals(5) }),
    state('worker-2', null, { state: 'waiting' }),
  ])
})

test('a worker that is there and says nothing is silent, whoever started it; one that stops is not', () => {
  const supervised = [state('worker-1', 5), state('worker-2', 6, { state: 'stopping' })]
  const workers = [worker('worker-1', 5), worker('worker-2', 6), worker('elsewhere', 7)].map((one) => ({
    ...one,
    isSilent: true,
  }))

  const states = processStates({ vitals: vitals(1), supervised, workers })

  expect(states.map((process) => [process.name, process.state])).toEqual([
    ['front', 'running'],
    ['worker-1', 'silent'],
    ['worker-2', 'stopping'],
    ['elsewhere', 'silent'],
  ])
})
