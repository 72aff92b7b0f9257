import { afterAll, beforeAll, expect, vi } from 'vitest'
import { startTestWorker } from '../../fixture/worker.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { get, type Told } from './ask.ts'

/** A house with a worker, for all tests of a file, and short ways to functions. */
export interface Functions {
  house: TestHouse
  /** Write a function and publish it. */
  publish(name: string, source: string, more?: object): Promise<Told['body']>
  /** The newest run of a function, with its logs, once it has ended. */
  lastRun(name: string): Promise<Told['body']>
}

/** Call it where tests are declared. Each test uses names of its own. */
export function openFunctions(open: () => Promise<TestHouse> = () => openTestHouse({ onDisk: true, until: 'suite' })): Functions {
  const functions: Functions = {
    house: undefined as unknown as TestHouse,
    async publish(name, source, more = {}) {
      await get(functions.house, 'POST', '/functions', { name, source, ...more })
      return get(functions.house, 'POST', `/functions/${name}/versions`, {})
    },
    lastRun: (name) =>
      vi.waitFor(async () => {
        const { invocations } = await get(functions.house, 'GET', `/function-invocations?name=${name}&limit=1`)
        expect(invocations[0]?.endedAt).toBeTypeOf('number')
        return get(functions.house, 'GET', `/function-invocations/${invocations[0].id}`)
      }),
  }
  beforeAll(async () => {
    functions.house = await open()
    const worker = startTestWorker(functions.house, 'suite')
    // Hooks run in reverse: the worker stops before the house.
    afterAll(worker.stop)
    await vi.waitFor(() => expect(functions.house.gatehouse.queue.workers()).toHaveLength(1), 10_000)
  })
  return functions
}
