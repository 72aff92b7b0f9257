import type { Params } from './question.ts'

/** Which task something belongs to (MCP 2025-11-25, tasks). */
const RELATED = 'io.modelcontextprotocol/related-task'

/**
 * Anything that names tasks, with other ids: `taskId`, `task.taskId`, and the task that it is related to. The very same where nothing changes.
 *
 * @param change another id, or the same
 */
export function withTaskIds<Message extends Params>(message: Message, change: (id: string) => string): Message {
  const changed = {
    ...changedId(message, 'taskId', change),
    ...changedWithin(message, 'task', 'taskId', change),
    ...changedMeta(message, change),
  }
  return Object.keys(changed).length === 0 ? message : { ...message, ...changed }
}

function changedId(owner: Params, field: string, change: (id: string) => string): Params {
  const id = owner[field]
  if (typeof id !== 'string') return {}
  const other = change(id)
  return other === id ? {} : { [field]: other }
}

function changedWithin(owner: Params, field: string, inner: string, change: (id: string) => string): Params {
  const value = owner[field]
  if (!isRecord(value)) return {}
  const changed = changedId(value, inner, change)
  return Object.keys(changed).length === 0 ? {} : { [field]: { ...value, ...changed } }
}

function changedMeta(owner: Params, change: (id: string) => string): Params {
  const meta = owner['_meta']
  if (!isRecord(meta)) return {}
  const changed = changedWithin(meta, RELATED, 'taskId', change)
  return Object.keys(changed).length === 0 ? {} : { _meta: { ...meta, ...changed } }
}

/** A result without the task that it came of, of which only the gateway knows. The very same where it names none. */
export function withoutRelatedTask(result: unknown): unknown {
  if (!isRecord(result) || !isRecord(result['_meta']) || !Object.hasOwn(result['_meta'], RELATED)) return result
  const { _meta, ...rest } = result
  const { [RELATED]: _related, ...meta } = _meta as Params
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta }
}

const isRecord = (value: unknown): value is Params => typeof value === 'object' && value !== null && !Array.isArray(value)
