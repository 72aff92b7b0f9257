import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { type AttemptEnd, HEARD, type Opened, type TaskTalk } from '../../queue/pool/attempt.ts'
import { ThreadPool } from '../../queue/pool/thread-pool.ts'
import type { Lane } from '../../src/contract/lane.ts'
import { shared, talk } from '../fixture/lane/lanes.ts'

const RUNS = 3_000
/** Its results together are more than a thread may hold. */
const LARGE = JSON.stringify({ do: 'return', value: 'x'.repeat(10_000) })
const PAYLOAD = JSON.stringify({ chunks: [1] })

/** Global handles of a thread, in bytes: what native objects such as ports hold as long as they live. */
const handlesOf = async (thread: Worker): Promise<number> =>
  ((await thread.getHeapStatistics()) as { used_global_handles_size: number }).used_global_handles_size

/** A pool of one thread. @returns with it the threads that it starts */
function openPool(lane: Lane, onOpened: (opened: Opened) => void = () => {}): { pool: ThreadPool; threads: Worker[] } {
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  const taskUrl = new URL(`../fixture/lane/task/${lane.name}.task.ts`, import.meta.url).href
  const onError = (error: unknown): never => {
    throw error
  }
  const data = { taskUrl, control: `thread-memory-${lane.name}`, talks: lane.talks }
  const pool = new ThreadPool({ ...lane, levels: 1 }, { ...lane.policy, threads: 1 }, data, { onError, onOpened })
  onTestFinished(async () => {
    process.off('worker', note)
    await pool.close()
  })
  return { pool, threads }
}

/** Run attempts that come together. */
const runAll = (pool: ThreadPool, ids: readonly number[], payload: string): Promise<unknown> =>
  new Promise((resolve, broke) => {
    let left = ids.length
    const ended = (end: AttemptEnd): void => {
      if (typeof end !== 'string') broke(new Error(JSON.stringify(end)))
      left -= 1
      if (left === 0) resolve(undefined)
    }
    const deadline = Date.now() + 60_000
    pool.start(ids.map((id) => ({ order: { id, attempt: 1, deadline, maxResultBytes: 20_000, payload }, ended, broke })))
  })

const tenFrom = (id: number): number[] => Array.from({ length: 10 }, (_, at) => id + at)

test('a thread that is never idle gives back the port of every attempt', async () => {
  let opened = 0
  const { pool, threads } = openPool(talk, ({ port }) => {
    port.on('message', (said: TaskTalk) => 'over' in said && port.postMessage(HEARD))
    opened += 1
  })
  const runMany = async (from: number): Promise<void> => {
    for (let id = from; id < from + RUNS; id += 10) await runAll(pool, tenFrom(id), PAYLOAD)
  }

  await runMany(0)
  const before = await handlesOf(threads[0]!)
  await runMany(RUNS)

  expect(threads).toHaveLength(1)
  expect(opened).toBe(2 * RUNS)
  // Kept, they would be 66 bytes each.
  expect((await handlesOf(threads[0]!)) - before).toBeLessThan(RUNS * 33)
})

test('a shared thread whose tasks never wait gives back what came of them', async () => {
  const { pool, threads } = openPool(shared)

  for (let id = 0; id < 40_000; id += 10) await runAll(pool, tenFrom(id), LARGE)

  expect(threads).toHaveLength(1)
})
