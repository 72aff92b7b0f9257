import type { Visit } from '../../contract/visit.ts'
import type { Params } from './question.ts'

/** Whether a client asks for a task (MCP 2025-11-25). In the stateless era the field means nothing: there the server decides. */
export const wishesTask = ({ extra, client }: Pick<Visit, 'extra' | 'client'>): boolean =>
  extra?.['task'] !== undefined && client?.takesInputRequired !== true

/** What a server of the session era is sent: without a field that would mean something to it, and did not to whoever wrote it. */
export function withoutStrayTask(params: Params, { client }: Visit): Params {
  if (params['task'] === undefined || client?.takesInputRequired !== true) return params
  const { task: _task, ...rest } = params
  return rest
}
