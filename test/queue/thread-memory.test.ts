import { MessageChannel, type Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import type { AttemptEnd } from '../../queue/pool/attempt.ts'
import { ThreadPool } from '../../queue/pool/thread-pool.ts'
import { talk } from '../fixture/lane/lanes.ts'

const RUNS = 3_000
const PAYLOAD = JSON.stringify({})

/** Global handles of a thread, in bytes: what native objects such as ports hold as long as they live. */
const handlesOf = async (thread: Worker): Promise<number> =>
  ((await thread.getHeapStatistics()) as { used_global_handles_size: number }).used_global_handles_size

test('a thread that is never idle gives back the port of every attempt', async () => {
  const threads: Worker[] = []
  const note = (thread: Worker): void => void threads.push(thread)
  process.on('worker', note)
  const taskUrl = new URL('../fixture/lane/task/talk.task.ts', import.meta.url).href
  const pool = new ThreadPool(
    { ...talk, levels: 1 },
    { ...talk.policy, threads: 1 },
    { taskUrl, control: 'thread-memory' },
    (error) => {
      throw error
    },
  )
  onTestFinished(async () => {
    process.off('worker', note)
    await pool.close()
  })
  const run = (id: number): Promise<AttemptEnd> =>
    new Promise((ended, broke) => {
      const { port1, port2 } = new MessageChannel()
      const over = (end: AttemptEnd): void => {
        if (typeof end !== 'string') broke(new Error(JSON.stringify(end)))
        port1.close()
        ended(end)
      }
      const order = { id, attempt: 1, deadline: Date.now() + 60_000, maxResultBytes: 1_000, payload: PAYLOAD, port: port2 }
      pool.start([{ order, ended: over, broke }])
    })
  const runMany = async (from: number): Promise<void> => {
    for (let id = from; id < from + RUNS; id += 10) await Promise.all(Array.from({ length: 10 }, (_, at) => run(id + at)))
  }

  await runMany(0)
  const before = await handlesOf(threads[0]!)
  await runMany(RUNS)

  expect(threads).toHaveLength(1)
  // Kept, they would be 66 bytes each.
  expect((await handlesOf(threads[0]!)) - before).toBeLessThan(RUNS * 33)
})
