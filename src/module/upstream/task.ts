import type { Callable } from '../../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { notFound } from '../../core/door/not-found.ts'
import { parseInput } from '../../core/parse-input.ts'
import { TaskArguments } from './arguments.ts'
import type { Params, Question } from './question.ts'
import { relay } from './relay.ts'
import { hasEnded, type Task, type Tasks } from './tasks.ts'

/** Tasks that are asked about for one list. */
const MAX_ASKED = 50

/** What is asked about one task, of which only its own caller knows. */
export const taskOf = (task: Task): Callable => ({
  ...common(`task:${task.id}`, task.link.alias, task.id),
  permit: task.permit,
  run: (visit) => askAbout(task, visit),
})

/** The tasks of the session that asks, as their servers tell of them now. */
export const taskListOf = (tasks: Tasks): Callable => ({
  ...common('task:list', 'upstream', 'list'),
  permit: undefined,
  async run(visit) {
    const own = tasks.ofSession(visit.caller.id, visit.sessionKey)
    const underWay = own.filter(({ latest }) => !hasEnded(latest)).slice(0, MAX_ASKED)
    // What cannot be asked now is as it was last.
    await Promise.allSettled(underWay.map((task) => relay(task.link, questionAbout(task, 'tasks/get', {}), visit)))
    return { kind: 'relay', result: { tasks: own.map(({ latest }) => latest) } as RelayedResult }
  },
})

const common = (name: string, source: string, localName: string) =>
  ({
    name,
    source,
    localName,
    kind: 'task',
    effect: 'write',
    idempotent: true,
    parse: (raw: unknown) => parseInput(TaskArguments, raw),
  }) as const

function askAbout(task: Task, visit: Visit): Promise<Answer> {
  const { method, params } = visit.arguments as { method: string; params: Params }
  if (task.callerId !== visit.caller.id) throw notFound(`task:${task.id}`)
  return relay(task.link, questionAbout(task, method, params), visit)
}

function questionAbout(task: Task, method: string, params: Params): Question {
  const { definition } = task.link
  return {
    method,
    effect: method === 'tasks/cancel' || method === 'tasks/update' ? 'write' : 'read',
    idempotent: true,
    idleTimeoutMs: definition.idleTimeoutMs,
    // A result is waited for as long as the task takes.
    maxTimeoutMs: Math.max(definition.maxTimeoutMs, definition.idleTimeoutMs),
    lineKey: task.lineKey,
    task,
    params: () => ({ ...params, taskId: task.remoteId }),
  }
}
