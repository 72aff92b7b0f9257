import { expect } from 'vitest'
import type { z } from 'zod'
import type { apiLane, Credential } from '../../../queue/api.lane.ts'
import { setTaskSettings, taskSettings } from '../../../queue/task-settings.ts'
import { egressSettings } from '../../../src/contract/egress.ts'
import type { Verdict } from '../../../src/contract/lane.ts'
import { LOOPBACK } from '../../fixture/worker.ts'

type Payload = z.input<typeof apiLane.payload>
type Pass = Extract<Payload, { kind: 'pass' }>
type Call = Extract<Payload, { kind: 'call' }>
/** What came of a request. */
export type Answered = z.output<typeof apiLane.result>

interface RunOptions {
  readonly credential?: Credential
  readonly signal?: AbortSignal
  /** Told when the front is asked. */
  readonly onAsk?: () => void
}

// As the thread of a worker is told before it loads the task.
setTaskSettings({ ...taskSettings(), egress: egressSettings.parse(LOOPBACK) })
const { default: task } = await import('../../../workers/api.task.ts')

const COMMON = {
  apiId: 1,
  alias: 'test',
  requestId: 'r-1',
  traceparent: null,
  actor: { id: 'user:1', name: 'ada' },
  timeoutMs: 5_000,
  maxAnswerBytes: 100_000,
  isRepeatable: true,
  answerHeaders: [],
}

/** A request in the API's own shape. */
export const pass = (serverUrl: string, changes: Partial<Pass> = {}): Payload => ({
  ...COMMON,
  kind: 'pass',
  serverUrl,
  method: 'GET',
  target: '/',
  headers: {},
  body: null,
  ...changes,
})

/** A GET of the server's root that promises JSON, as an operation. */
export const call = (serverUrl: string, changes: Partial<Call> = {}): Payload => ({
  ...COMMON,
  kind: 'call',
  plan: { method: 'GET', serverUrl, path: '/', parameters: [], body: null, accept: ['application/json'] },
  arguments: {},
  ...changes,
})

/** Run the lane's task as the pool does. */
export const runTask = (payload: Payload, { credential, signal, onAsk }: RunOptions = {}): Promise<Verdict> =>
  task(payload, {
    jobId: 1,
    attempt: 1,
    deadline: Date.now() + 60_000,
    signal: signal ?? new AbortController().signal,
    async ask(name) {
      onAsk?.()
      return name === 'credential' ? (credential ?? { kind: 'none' }) : expect.fail(`It asked for ${name}.`)
    },
    chunk() {},
  })

/** The answer of a request that got one. */
export async function answerOf(payload: Payload, options: RunOptions = {}): Promise<Answered> {
  const verdict = await runTask(payload, options)
  return verdict.kind === 'done' ? (verdict.result as Answered) : expect.fail(JSON.stringify(verdict))
}
