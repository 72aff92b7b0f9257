import { expect, onTestFinished, vi } from 'vitest'
import { functionLane } from '../../../queue/function.lane.ts'
import { startWorker } from '../../../queue/pool/start-worker.ts'
import { socketPathOf } from '../../../queue/wire/socket-path.ts'
import type { JobOptions } from '../../../src/contract/queue.ts'
import { createTestLog, openTestHouse, type TestHouse } from '../../support.ts'

type Answered = Record<string, any>

/** What an operation answered over REST. */
interface Reply {
  readonly status: number
  readonly body: Answered
}

/** A house with jobs in it. */
export interface QueueHouse {
  readonly house: TestHouse
  /** Add a job that does what `source` says; see `told.task.ts`. */
  add(source: string, options?: Partial<JobOptions>): Promise<number>
  /** Ask as an administrator, or with the token that is given. */
  ask(method: string, path: string, body?: object, token?: string): Promise<Reply>
  /** Resolves when a job stands like this. */
  until(id: number, state: string): Promise<Answered>
  /** A worker for it, in this process with threads of its own. */
  work(): Promise<void>
}

const PROGRAM = {
  hash: 'a'.repeat(64),
  language: 'javascript',
  backend: 'wasm',
  image: null,
  limits: { memoryBytes: 1, timeoutMs: 1, maxOutputBytes: 1, maxLogBytes: 1 },
} as const

/** The payload of a job that does what `source` says. */
export const payloadOf = (source: string) => ({ kind: 'check' as const, program: { ...PROGRAM, source } })

/** Open one; the lane `function` runs what it is told. */
export async function openQueueHouse(until: 'test' | 'suite' = 'test'): Promise<QueueHouse> {
  const house = await openTestHouse({ onDisk: true, until })
  const { gatehouse } = house
  const ask: QueueHouse['ask'] = async (method, path, body, token = house.adminToken) => {
    const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
    const response = await house.fetch(`/api/queue${path}`, token, { method, ...init })
    return { status: response.status, body: (await response.json()) as Answered }
  }
  return {
    house,
    ask,
    async add(source, options = {}) {
      return (await gatehouse.queue.add(functionLane, payloadOf(source), { token: 'user:1', ...options })).id
    },
    until: (id, state) =>
      vi.waitFor(
        async () => {
          const { body } = await ask('GET', `/lanes/function/jobs/${id}`)
          expect(body['job'].state).toBe(state)
          return body['job'] as Answered
        },
        { timeout: 10_000 },
      ),
    async work() {
      const worker = startWorker({
        lanes: [functionLane],
        taskFile: () => new URL('./told.task.ts', import.meta.url).href,
        socketPath: socketPathOf(gatehouse.dataDir),
        name: 'worker-1',
        policies: {},
        log: createTestLog([]),
      })
      onTestFinished(() => worker.stop(0))
      await vi.waitFor(() => expect(gatehouse.queue.workers()[0]?.vitals?.rssBytes).toBeGreaterThan(0), { timeout: 10_000 })
    },
  }
}
