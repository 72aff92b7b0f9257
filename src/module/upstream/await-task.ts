import type { Client, Visit } from '../../contract/visit.ts'
import type { RequestOptions } from '../../mcp/client/request-options.ts'
import type { Line } from './line.ts'
import type { Params, Question } from './question.ts'
import { wishesTask } from './wished-task.ts'

/** Telling a server that nobody waits any more is given up after this long. */
const CANCEL_TIMEOUT_MS = 5_000

/**
 * Whether a tool that answers only with tasks (MCP 2025-11-25) is called by somebody who cannot ask for one: then the gateway begins the
 * task and waits for its result. A client of the session era is told what its server says.
 */
export const mustAwaitTask = (line: Line, question: Question, visit: Visit): boolean =>
  question.needsTask === true && line.connection.era === 'session' && !wishesTask(visit) && knowsNoTasks(visit.client)

/**
 * Wait for the result of the task that a server answered with; what is no task is the result.
 *
 * @throws RpcError, ClientError; the task is cancelled when its call is
 */
export async function awaitTask({ connection }: Line, begun: unknown, options: RequestOptions): Promise<unknown> {
  const taskId = ((begun as Params | null)?.['task'] as Params | undefined)?.['taskId']
  if (typeof taskId !== 'string') return begun
  try {
    return await connection.request('tasks/result', { taskId }, options)
  } catch (thrown) {
    if (options.withdrawal?.isWithdrawn && connection.open)
      await connection.request('tasks/cancel', { taskId }, { idleTimeoutMs: CANCEL_TIMEOUT_MS }).catch(() => undefined)
    throw thrown
  }
}

const knowsNoTasks = (client: Client | undefined): boolean => client === undefined || client.takesInputRequired
