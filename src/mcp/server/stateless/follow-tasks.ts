import { Fault } from '../../../contract/fault.ts'
import { targetOf } from '../target.ts'
import type { ListenStream } from './listen-stream.ts'
import type { StatelessState } from './stateless-state.ts'
import { hasTasks } from './tasks-extension.ts'

/**
 * Follow tasks for a stream, those that its caller may look at: each is looked at once, through the door.
 *
 * @returns the ids that the client will be told of
 */
export async function followTasks(
  state: StatelessState,
  stream: ListenStream,
  taskIds: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!hasTasks(stream.client.at(undefined, stream.source).capabilities)) return []
  await Promise.all(
    taskIds.map(async (taskId) => {
      if (await mayLookAt(state, stream, taskId, signal)) stream.taskIds.add(taskId)
    }),
  )
  return taskIds.filter((taskId) => stream.taskIds.has(taskId))
}

async function mayLookAt(state: StatelessState, stream: ListenStream, taskId: string, signal: AbortSignal): Promise<boolean> {
  const { caller, client, source, requestId } = stream
  const { name, args } = targetOf({ backend: state.backend, caller, source, method: 'tasks/get', params: { taskId } })
  try {
    const { sessionKey } = client
    await state.backend.enter(caller, name, args, {
      transport: 'mcp',
      requestId,
      sessionKey,
      signal,
      client: client.at(undefined, source),
    })
    return true
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return false
  }
}
