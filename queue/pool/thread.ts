import { BroadcastChannel, MessageChannel, parentPort, workerData } from 'node:worker_threads'
import type { Verdict } from '../../src/contract/lane.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { Task } from '../lane.ts'
import { isLarger } from '../wire/limits.ts'
import type { AttemptEnd, AttemptOrder, Ended, Ends, NoResult, Opened, StopOrder, ThreadData } from './attempt.ts'
import { type OpenLine, ThreadContext } from './thread-context.ts'

const data = workerData as ThreadData
// A file that cannot be loaded fails every attempt with its reason, instead of the thread over and over without one.
const task: Promise<Task | Error> = import(data.taskUrl).then(
  (module: { default: Task }) => module.default,
  (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
)
const running = new NumberMap<ThreadContext>()

const control = new BroadcastChannel(data.control)
control.onmessage = ({ data: order }: { data: unknown }): void => {
  const { id, attempt, reason } = order as StopOrder
  const context = running.get(id)
  if (context?.attempt === attempt) context.stop(reason)
}
control.unref()

const openLine: OpenLine = ({ id, attempt }) => {
  const { port1, port2 } = new MessageChannel()
  parentPort?.postMessage({ opened: { id, attempt }, port: port1 } satisfies Opened, [port1])
  return port2
}

/** Run one attempt; called by piscina. Never throws, because an error would lose its fields between threads. */
export async function runAttempt(order: AttemptOrder): Promise<AttemptEnd> {
  const run = await task
  if (run instanceof Error) return accident('The task could not be loaded', run)
  const context = new ThreadContext(order, data.talks ? openLine : undefined)
  running.set(order.id, context)
  try {
    return endOf(await run(JSON.parse(order.payload), context), order.maxResultBytes)
  } catch (thrown) {
    return context.isLate ? late() : accident('The task failed', thrown)
  } finally {
    running.delete(order.id)
    const talked = context.close()
    if (talked) await talked
  }
}

/**
 * Run several attempts at once; called by piscina. Those that are done while others run are told meanwhile, once per turn of the event loop.
 *
 * @returns the rest
 */
export async function runTogether({ orders }: { readonly orders: readonly AttemptOrder[] }): Promise<readonly Ended[]> {
  let ends: Ended[] = []
  let left = orders.length
  let telling: NodeJS.Immediate | undefined
  const tell = (): void => {
    if (left === 0 || ends.length === 0) return
    parentPort?.postMessage({ ends } satisfies Ends)
    ends = []
  }
  const run = async (order: AttemptOrder): Promise<void> => {
    const end = await runAttempt(order)
    left -= 1
    if (ends.push([order.id, order.attempt, end]) === 1 && left > 0) telling = setImmediate(tell)
  }
  await Promise.all(orders.map(run))
  // Between tasks that do not wait piscina never lets the event loop turn: all that is left for its next turn stays, and what it holds.
  clearImmediate(telling)
  return ends
}

function endOf(verdict: Verdict, maxResultBytes: number): AttemptEnd {
  if (verdict.kind !== 'done') return plain(verdict)
  const text = JSON.stringify(verdict.result) ?? 'null'
  if (!isLarger(text, maxResultBytes)) return text
  return { kind: 'cancel', code: 'too_large', reason: `The result is larger than ${maxResultBytes} bytes.` }
}

/** Only the fields that travel: whatever else a task put into its verdict stays here. */
function plain(verdict: Exclude<Verdict, { kind: 'done' }>): NoResult {
  switch (verdict.kind) {
    case 'snooze':
      return { kind: 'snooze', delayMs: wholeMs(verdict.delayMs) }
    case 'retry': {
      const { reason, afterMs } = verdict
      return { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs: wholeMs(afterMs) }) }
    }
    case 'cancel': {
      const { reason, code } = verdict
      return { kind: 'cancel', reason, ...(code !== undefined && { code }) }
    }
    default:
      throw new TypeError('it returned no verdict.')
  }
}

/** Whatever a task took for a number. */
const wholeMs = (ms: number): number => (Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0)

const accident = (what: string, thrown: unknown): NoResult => ({
  kind: 'retry',
  code: 'internal',
  reason: `${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
})

const late = (): NoResult => ({ kind: 'retry', code: 'timeout', reason: 'The attempt took longer than it may.' })
