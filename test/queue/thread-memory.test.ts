import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { type AttemptEnd, HEARD, type TaskTalk } from '../../queue/pool/attempt.ts'
import { ThreadPool } from '../../queue/pool/thread-pool.ts'
import { talk } from '../fixture/lane/lanes.ts'

const RUNS = 3_000
const PAYLOAD = JSON.stringify({ chunks: [1] })

/** Global handles of a thread, in bytes: what native objects such as ports hold as long as they live. */
const handlesOf = async (thread: Worker): Promise<number> =>
  ((await thread.getHeapStatistics()) as { used_global_handles_size: number }).used_global_handles_size

test('a thread that is never idle gives back the port of every attempt', async () => {
  const threads: Worker[] = []
  let opened = 0
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  const taskUrl = new URL('../fixture/lane/task/talk.task.ts', import.meta.url).href
  const pool = new ThreadPool(
    { ...talk, levels: 1 },
    { ...talk.policy, threads: 1 },
    { taskUrl, control: 'thread-memory', talks: true },
    {
      onError: (error) => {
        throw error
      },
      onOpened: ({ port }) => {
        port.on('message', (talk: TaskTalk) => 'over' in talk && port.postMessage(HEARD))
        opened += 1
      },
    },
  )
  onTestFinished(async () => {
    process.off('worker', note)
    await pool.close()
  })
  const run = (id: number): Promise<AttemptEnd> =>
    new Promise((ended, broke) => {
      const over = (end: AttemptEnd): void => {
        if (typeof end !== 'string') broke(new Error(JSON.stringify(end)))
        ended(end)
      }
      const order = { id, attempt: 1, deadline: Date.now() + 60_000, maxResultBytes: 1_000, payload: PAYLOAD }
      pool.start([{ order, ended: over, broke }])
    })
  const runMany = async (from: number): Promise<void> => {
    for (let id = from; id < from + RUNS; id += 10) await Promise.all(Array.from({ length: 10 }, (_, at) => run(id + at)))
  }

  await runMany(0)
  const before = await handlesOf(threads[0]!)
  await runMany(RUNS)

  expect(threads).toHaveLength(1)
  expect(opened).toBe(2 * RUNS)
  // Kept, they would be 66 bytes each.
  expect((await handlesOf(threads[0]!)) - before).toBeLessThan(RUNS * 33)
})
