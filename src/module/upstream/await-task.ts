import type { Client, Visit } from '../../contract/visit.ts'
import type { Era } from '../../mcp/client/era.ts'
import type { RequestOptions } from '../../mcp/client/request-options.ts'
import { hasTasks } from '../../mcp/server/stateless/tasks-extension.ts'
import type { Line } from './line.ts'
import type { Params, Question } from './question.ts'
import { withoutRelatedTask } from './task-id.ts'
import { wishesTask } from './wished-task.ts'

/** Telling a server that nobody waits any more is given up after this long. */
const CANCEL_TIMEOUT_MS = 5_000

/**
 * Whether a call goes on as a task of the gateway: its tool answers with tasks of the session era (MCP 2025-11-25), and its client knows
 * only those of the stateless one, in which the server decides.
 */
export const becomesErrand = (era: Era | undefined, { taskSupport }: Question, { client }: Visit): boolean =>
  taskSupport !== undefined && era === 'session' && client?.takesInputRequired === true && hasTasks(client.capabilities)

/**
 * Whether the gateway begins a task at the server and waits for its result: for a call that goes on as one of its own, and for whoever cannot
 * ask for one where its tool answers in no other way. A client of the session era is told what its server says.
 */
export function mustAwaitTask({ connection: { era } }: Line, question: Question, visit: Visit): boolean {
  if (becomesErrand(era, question, visit)) return true
  return question.taskSupport === 'required' && era === 'session' && !wishesTask(visit) && knowsNoTasks(visit.client)
}

/**
 * Wait for the result of the task that a server answered with; what is no task is the result.
 *
 * @throws RpcError, ClientError; the task is cancelled when its call is
 */
export async function awaitTask({ connection }: Line, begun: unknown, options: RequestOptions): Promise<unknown> {
  const taskId = ((begun as Params | null)?.['task'] as Params | undefined)?.['taskId']
  if (typeof taskId !== 'string') return begun
  try {
    return withoutRelatedTask(await connection.request('tasks/result', { taskId }, options))
  } catch (thrown) {
    if (options.withdrawal?.isWithdrawn && connection.open)
      await connection.request('tasks/cancel', { taskId }, { idleTimeoutMs: CANCEL_TIMEOUT_MS }).catch(() => undefined)
    throw thrown
  }
}

const knowsNoTasks = (client: Client | undefined): boolean => client === undefined || client.takesInputRequired
